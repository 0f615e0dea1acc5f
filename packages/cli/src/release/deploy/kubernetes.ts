/**
 * Kubernetes manifests for a release: a StatefulSet, so that a node keeps its name over its lives, a headless Service by which nodes find each other, and
 * probes of the node itself.
 */
import type { File } from "../../project/files.ts"

/** The port of the probes, and the one other nodes connect to. */
const HEALTH = 9_090
const DISTRIBUTION = 9_100
/** Seconds for endpoints everywhere to forget a pod that drains, then for it to stop. */
const DRAIN_S = 5
const STOP_S = 45

export function kubernetesFiles(name: string, version: string, replicas: number): readonly File[] {
  // Names of Kubernetes are DNS labels.
  const label = name.replaceAll("_", "-")
  return [
    {
      path: `deploy/${name}.yaml`,
      content: `# The release ${name}.
#   kubectl create secret generic ${label}-cookie --from-literal=cookie="$(cat .umbel/cookie)"    (the same for releases that talk)
#   kubectl apply -f deploy/${name}.yaml
apiVersion: v1
kind: Service
metadata:
  name: ${label}
  labels: { app: ${label} }
spec:
  # Headless: a name in DNS for each pod, by which nodes find each other, also while they are not ready.
  clusterIP: None
  publishNotReadyAddresses: true
  selector: { app: ${label} }
  ports:
    - { name: epmd, port: 4369 }
    - { name: distribution, port: ${DISTRIBUTION} }
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: ${label}
  labels: { app: ${label} }
spec:
  serviceName: ${label}
  replicas: ${replicas}
  # They are equals, and none waits for another; updates replace one after the other.
  podManagementPolicy: Parallel
  selector:
    matchLabels: { app: ${label} }
  template:
    metadata:
      labels: { app: ${label} }
    spec:
      terminationGracePeriodSeconds: ${STOP_S}
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        runAsGroup: 1000
        fsGroup: 1000
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: ${label}
          image: ${label}:${version}
          env:
            - name: POD_NAME
              valueFrom: { fieldRef: { fieldPath: metadata.name } }
            - name: POD_NAMESPACE
              valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
            - name: UMBEL_NODE
              value: ${name}@$(POD_NAME).${label}.$(POD_NAMESPACE).svc.cluster.local
            - name: UMBEL_COOKIE
              valueFrom: { secretKeyRef: { name: ${label}-cookie, key: cookie } }
            - { name: UMBEL_LISTEN, value: "0.0.0.0" }
            - { name: UMBEL_PORT, value: "${DISTRIBUTION}" }
            - { name: UMBEL_HEALTH, value: "0.0.0.0:${HEALTH}" }
            - { name: UMBEL_RUN, value: /run/umbel }
          ports:
            - { name: epmd, containerPort: 4369 }
            - { name: distribution, containerPort: ${DISTRIBUTION} }
            - { name: health, containerPort: ${HEALTH} }
          startupProbe:
            httpGet: { path: /ready, port: health }
            periodSeconds: 1
            failureThreshold: 60
          readinessProbe:
            httpGet: { path: /ready, port: health }
            periodSeconds: 5
          livenessProbe:
            httpGet: { path: /health, port: health }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          lifecycle:
            preStop:
              exec: { command: ["/app/bin/${name}", "drain", "${DRAIN_S}"] }
          resources:
            requests: { cpu: 100m, memory: 128Mi }
            limits: { memory: 512Mi }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            - { name: run, mountPath: /run/umbel }
      volumes:
        - { name: run, emptyDir: { medium: Memory } }
`,
    },
  ]
}
