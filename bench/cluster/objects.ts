/** The objects of the baselines: a pod of 0.8 KB that is stored as 3 KB, and a ConfigMap. */

export const namespace = 'bench'
export const podsPath = `/api/v1/namespaces/${namespace}/pods`
export const configMapsPath = `/api/v1/namespaces/${namespace}/configmaps`

export const podName = (i: number): string => `p-${String(i).padStart(6, '0')}`

export const pod = (i: number): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(i),
      namespace,
      labels: { app: 'bench', shard: String(i % 10), tier: 'backend' },
      annotations: { 'bench/note': 'created by the benchmark', 'bench/seq': String(i) },
    },
    spec: {
      schedulerName: 'bench-none',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image: 'registry.k8s.io/pause:3.10',
          args: ['--x=1'],
          ports: [{ name: 'http', containerPort: 8080 }],
          env: [
            { name: 'A', value: 'alpha' },
            { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ],
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
          livenessProbe: { httpGet: { path: '/healthz', port: 8080 } },
          volumeMounts: [{ name: 'scratch', mountPath: '/tmp' }],
        },
      ],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    },
  })

export const configMap = (name: string, sequence: number): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { app: 'bench' } },
    data: { seq: String(sequence), payload: 'x'.repeat(256) },
  })
