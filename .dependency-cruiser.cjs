// The arrows between the rooms (docs/decisions/rooms.md). A room is entered by its door, index.ts; nothing points up.
const mayUse = {
  oci: [],
  dockerfile: [],
  registry: ['oci'],
  linux: [],
  engine: ['oci', 'dockerfile', 'registry', 'linux'],
  'docker-api': ['engine'],
  'kube/store': [],
  'kube/schema': [],
  'kube/api': ['kube/store', 'kube/schema'],
  'kube/control': ['kube/schema'],
  'kube/node': ['kube/schema'],
  workshop: [],
  web: [],
}

// The page speaks the workshop's HTTP API: its message types are that API's description.
const alsoMay = { web: ['^src/workshop/server/protocol\\.ts$'] }

const room = (name) => `^src/${name}/`
const rooms = Object.keys(mayUse)
const pureRooms = ['dockerfile', 'kube/api', 'kube/schema', 'kube/control']

const arrows = rooms.map((name) => ({
  name: `arrow-${name.replace('/', '-')}`,
  comment: `${name}/ may use ${mayUse[name].join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: room(name) },
  to: {
    path: '^src/',
    pathNot: [room(name), ...mayUse[name].map((other) => `^src/${other}/index\\.ts$`), ...(alsoMay[name] ?? [])],
  },
}))

module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'cli-uses-doors',
      comment: 'cli/ and daemon/ come into a room by its door',
      severity: 'error',
      from: { path: '^src/(cli|daemon)/' },
      to: { path: '^src/', pathNot: ['^src/(cli|daemon)/', '^src/(kube/)?[a-z-]+/index\\.ts$'] },
    },
    {
      name: 'nothing-uses-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'pure-rooms',
      comment: 'these rooms run in a browser tab too: no Node-only module',
      severity: 'error',
      from: { path: pureRooms.map(room), pathNot: '(\\.test\\.ts$|/generate/)' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'kernel-in-linux',
      comment: 'every touch of the kernel is in linux/ (oci/ has its own few calls for extended attributes)',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(linux|oci)/' },
      to: { path: 'node_modules/koffi' },
    },
    { name: 'no-circular', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'no-dev-dependency',
      comment: 'the product runs without the development packages',
      severity: 'error',
      from: { path: '^src/', pathNot: '(\\.test\\.ts$|/generate/|^src/[^/]+/testing/)' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(generated/|\\.test\\.ts$)' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'] },
  },
}
