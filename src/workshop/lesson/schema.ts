// The shape of lesson.yaml as a JSON schema (draft-07), in the order of format.ts.

const text = { type: 'string', minLength: 1 }
const texts = { type: 'array', items: text }
const count = {
  type: 'object',
  additionalProperties: false,
  properties: { min: { type: 'number' }, max: { type: 'number' }, exactly: { type: 'number' } },
}
const patterns = { type: 'object', additionalProperties: text }
const only = (properties: Record<string, unknown>, required: string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})
const check = { $ref: '#/definitions/check' }
const one = (name: string, shape: unknown, more: Record<string, unknown> = {}) =>
  only({ [name]: shape, ...more }, [name])

const flag = { type: 'boolean' }
const integer = { type: 'integer' }

/** Exactly one of these is the check; as properties, so that an error names the wrong field and not every kind. */
const checks = {
  all: { type: 'array', items: check, minItems: 1 },
  any: { type: 'array', items: check, minItems: 1 },
  not: check,
  image: only({
    name: text,
    alsoNamed: text,
    differsFrom: text,
    cmd: texts,
    entrypoint: { type: ['array', 'null'], items: text },
    cmdForm: { enum: ['exec', 'shell'] },
    workdir: text,
    env: patterns,
    exposes: text,
    user: text,
    layers: count,
    sizeMb: count,
    labels: patterns,
    history: text,
    path: only({ at: text, exists: flag, contains: text }, ['at']),
    digest: text,
    count,
  }),
  container: only({
    name: text,
    image: text,
    state: { enum: ['created', 'running', 'paused', 'restarting', 'exited', 'any'] },
    exitCode: integer,
    cmd: text,
    tty: flag,
    stdin: flag,
    env: patterns,
    published: text,
    listens: text,
    networks: texts,
    mounts: text,
    restartPolicy: text,
    health: { enum: ['starting', 'healthy', 'unhealthy'] },
    user: text,
    logs: text,
    process: text,
    memoryLimitMb: count,
    count,
  }),
  network: only({ name: text, driver: text, containers: texts, exists: flag }, ['name']),
  volume: only({ name: text, exists: flag, used: flag }, ['name']),
  http: only(
    { url: text, method: text, status: integer, body: text, fails: { enum: ['refused', 'reset', 'timeout'] } },
    ['url'],
  ),
  file: only({ path: text, exists: flag, contains: text, instructions: texts, executable: flag }, ['path']),
  answer: only(
    {
      id: text,
      is: { type: ['integer', 'string'] },
      equalsFact: { enum: ['server-version', 'kernel', 'container-count', 'image-count', 'dangling-image-id'] },
    },
    ['id'],
  ),
  event: only(
    {
      type: { enum: ['container', 'image', 'network', 'volume'] },
      action: text,
      name: text,
      image: text,
      attributes: patterns,
      count,
    },
    ['type', 'action'],
  ),
  ran: only({ command: text, exit: integer }, ['command']),
  sh: text,
  watch: { type: 'array', items: { enum: ['docker', 'files'] } },
}

const step = {
  anyOf: [
    text,
    only({ write: text, text: { type: 'string' } }, ['write', 'text']),
    only({ copy: text, to: text }, ['copy', 'to']),
    only({ until: check, seconds: { type: 'number' } }, ['until']),
    only({ answer: text, value: { type: ['string', 'number'] } }, ['answer', 'value']),
    only({ answer: text, sh: text }, ['answer', 'sh']),
  ],
}
const steps = { type: 'array', items: step }

export const lessonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  ...only(
    {
      id: { type: 'string', pattern: '^[a-z0-9]+(\\.[a-z0-9-]+)+$' },
      minutes: { type: 'number', minimum: 1, maximum: 60 },
      kind: { enum: ['lesson', 'mission', 'boss'] },
      stars: { enum: [1, 2, 3] },
      concepts: { ...texts, maxItems: 2 },
      needs: texts,
      images: texts,
      vars: {
        type: 'object',
        propertyNames: { pattern: '^[A-Z][A-Z0-9_]*$' },
        additionalProperties: {
          anyOf: [
            one('port', only({ prefer: { type: 'integer' } })),
            one('choice', { ...texts, minItems: 1 }),
            one('value', text),
          ],
        },
      },
      shared: patterns,
      prepare: texts,
      owns: only({ containers: texts, images: texts, networks: texts, volumes: texts }),
      tasks: {
        type: 'object',
        minProperties: 1,
        propertyNames: { pattern: '^[a-z][a-z0-9-]*$' },
        additionalProperties: only(
          {
            mode: { enum: ['edge', 'level'] },
            check,
            seen: { type: 'array', items: only({ when: check, say: text }, ['when', 'say']) },
            goal: only({ container: text, image: text, network: text, volume: text, port: text }),
            challenge: { type: 'boolean' },
            optional: { type: 'boolean' },
          },
          ['check'],
        ),
      },
      predict: {
        type: 'array',
        items: only(
          {
            id: text,
            before: text,
            kind: { enum: ['choice', 'number'] },
            options: { type: 'integer', minimum: 2 },
            truth: { type: 'number' },
          },
          ['id', 'before', 'kind', 'truth'],
        ),
      },
      warmup: only({ from: text, task: text }, ['from', 'task']),
      golf: only(
        {
          measure: { enum: ['image-mb', 'layers', 'rebuild-seconds', 'context-kb', 'commands'] },
          of: text,
          par: { type: 'number' },
        },
        ['measure', 'par'],
      ),
      solve: { type: 'object', additionalProperties: steps },
      wrong: { type: 'array', items: only({ task: text, type: steps, expect: text }, ['task', 'type', 'expect']) },
      open: only({ file: text, line: { type: 'integer', minimum: 1 } }, ['file']),
    },
    ['id', 'minutes', 'tasks', 'solve'],
  ),
  definitions: {
    check: {
      ...only(checks),
      oneOf: Object.keys(checks)
        .filter((kind) => kind !== 'watch')
        .map((kind) => ({ required: [kind] })),
    },
  },
}
