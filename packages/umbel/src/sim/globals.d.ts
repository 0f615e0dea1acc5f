// The one thing the simulator takes from its host: a way to continue after all microtasks have run.
declare function setImmediate(run: () => void): unknown
