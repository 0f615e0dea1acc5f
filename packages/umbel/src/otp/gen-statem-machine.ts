export function machineDefinition(module: string, spec: object): unknown { return [module, spec] }
