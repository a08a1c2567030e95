import { goQuote, trimSpace } from './characters.ts'
import { readFlags } from './flags.ts'
import { parseHealthcheck } from './healthcheck.ts'
import { chompHeredoc, maybeHeredocMark } from './heredoc.ts'
import { parseMount } from './mount.ts'
import { keywords } from './node.ts'
import { didYouMean } from './suggest.ts'
import type { ArgDefinition, CommandLine, InlineFile, Instruction, KeyValue, Node, Sources, Stage } from './syntax.ts'
import { fault } from './syntax-error.ts'

type Base = Omit<Extract<Instruction, { kind: 'user' }>, 'kind' | 'user'>

function base(node: Node): Base {
  const { keyword, range, startLine, endLine, comments } = node
  return { source: trimSpace(node.original), keyword, range, startLine, endLine, comments }
}

/** Understands one instruction. Throws a DockerfileError without a place. */
export function readInstruction(node: Node): Instruction | Stage {
  const name = node.keyword.toLowerCase()
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
  if (reader) return reader(node)
  const names = keywords.map((keyword) => keyword.toUpperCase())
  throw fault(`unknown instruction: ${node.keyword}${didYouMean(node.keyword, names, false)}`, {
    token: node.keyword,
    expected: names.toSorted().join(', '),
  })
}

function exactlyOne(node: Node, keyword: string, what: string): string {
  const [only] = node.args
  if (only === undefined || node.args.length !== 1)
    throw fault(`${keyword} requires exactly one argument`, { expected: `${keyword} ${what}` })
  return only
}

function atLeastOne(node: Node, keyword: string, what: string): void {
  if (node.args.length === 0)
    throw fault(`${keyword} requires at least one argument`, { expected: `${keyword} ${what}` })
}

function pairs(node: Node, keyword: string): KeyValue[] {
  readFlags(node.flags, {})
  atLeastOne(node, keyword, '<key>=<value> …')
  const found: KeyValue[] = []
  for (let index = 0; index < node.args.length; index += 3) {
    const [key = '', value = '', separator] = node.args.slice(index, index + 3)
    if (key === '') throw fault(`${keyword} names can not be blank`, { expected: `${keyword} <key>=<value>` })
    found.push({ key, value, legacy: separator === '' })
  }
  return found
}

function command(node: Node): CommandLine {
  const words = node.json || node.args.length === 0 ? node.args : [node.args.join(' ')]
  return { words, shell: !node.json, heredocs: node.heredocs }
}

function sources(node: Node, keyword: string): Sources {
  const destination = node.args.at(-1) ?? ''
  if (maybeHeredocMark(destination))
    throw fault(`${keyword} cannot accept a heredoc as a destination`, { token: destination, expected: 'a path' })
  const paths: string[] = []
  const files: InlineFile[] = []
  for (const source of node.args.slice(0, -1)) {
    const mark = maybeHeredocMark(source)
    if (!mark) {
      paths.push(source)
      continue
    }
    const content = node.heredocs.findLast((heredoc) => heredoc.name === mark.name)?.content ?? ''
    files.push({ name: mark.name, content: mark.chomp ? chompHeredoc(content) : content, expand: mark.expand })
  }
  return { paths, files, destination }
}

function needsDestination(node: Node, keyword: string): void {
  if (node.args.length < 2)
    throw fault(
      `${keyword} requires at least two arguments, but only one was provided. Destination could not be determined`,
      { expected: `${keyword} <source>… <destination>` },
    )
}

/** What a comment above says about the name. */
function description(comments: readonly string[], name: string): { description?: string } {
  const line = name === '' ? undefined : comments.find((comment) => comment.startsWith(`${name} `))
  return line === undefined ? {} : { description: line.slice(name.length + 1) }
}

const stageName = /^[a-z][a-z0-9-_.]*$/

function from(node: Node): Stage {
  const [image = '', as, name] = node.args
  let stage = ''
  if (node.args.length === 3 && as?.toLowerCase() === 'as' && name !== undefined) {
    stage = name.toLowerCase()
    if (!stageName.test(stage))
      throw fault(`invalid name for build stage: ${goQuote(name)}, name can't start with a number or contain symbols`, {
        token: name,
        expected: 'letters, digits, "-", "_" and ".", a letter first',
      })
  } else if (node.args.length !== 1)
    throw fault('FROM requires either one or three arguments', { expected: 'FROM <image> [AS <name>]' })
  const flags = readFlags(node.flags, { platform: 'string' })
  return {
    ...base(node),
    kind: 'from',
    base: image,
    name: stage,
    platform: flags.text('platform'),
    ...description(node.comments, stage),
    instructions: [],
  }
}

function onbuild(node: Node): Instruction {
  atLeastOne(node, 'ONBUILD', '<instruction>')
  readFlags(node.flags, {})
  const trigger = trimSpace(node.args[0] ?? '').toUpperCase()
  if (trigger === 'ONBUILD')
    throw fault("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", { token: node.args[0] })
  if (trigger === 'MAINTAINER' || trigger === 'FROM')
    throw fault(`${trigger} isn't allowed as an ONBUILD trigger`, { token: node.args[0] })
  const expression = node.heredocs.reduce(
    (text, heredoc) => `${text}\n${heredoc.content}${heredoc.name}`,
    node.original.replace(/^\s*ONBUILD\s*/i, ''),
  )
  return { ...base(node), kind: 'onbuild', expression }
}

function arg(node: Node): Instruction {
  atLeastOne(node, 'ARG', '<name>[=<default>]')
  const args = node.args.map((word): ArgDefinition => {
    const equals = word.indexOf('=')
    if (equals === 0) throw fault('ARG names can not be blank', { token: word, expected: 'ARG <name>[=<default>]' })
    const key = equals < 0 ? word : word.slice(0, equals)
    return { key, ...(equals < 0 ? {} : { value: word.slice(equals + 1) }), ...description(node.comments, key) }
  })
  return { ...base(node), kind: 'arg', args }
}

function run(node: Node): Instruction {
  const flags = readFlags(node.flags, {
    mount: 'strings',
    network: 'string',
    security: 'string',
    device: 'strings',
  })
  const mounts = flags.list('mount')
  for (const mount of mounts) parseMount(mount)
  const network = flags.has('network') ? flags.text('network') : 'default'
  if (network !== 'default' && network !== 'none' && network !== 'host')
    throw fault(`invalid network mode ${goQuote(network)}`, { token: '--network', expected: 'default, none, host' })
  const security = flags.has('security') ? flags.text('security') : 'sandbox'
  if (security !== 'sandbox' && security !== 'insecure')
    throw fault(`security ${goQuote(security)} is not valid`, { token: '--security', expected: 'sandbox, insecure' })
  return {
    ...base(node),
    kind: 'run',
    command: command(node),
    mounts,
    network,
    security,
    devices: flags.list('device'),
  }
}

function copy(node: Node): Instruction {
  needsDestination(node, 'COPY')
  const flags = readFlags(node.flags, {
    chown: 'string',
    from: 'string',
    chmod: 'string',
    link: 'bool',
    exclude: 'strings',
    parents: 'bool',
  })
  return {
    ...base(node),
    kind: 'copy',
    sources: sources(node, 'COPY'),
    from: flags.text('from'),
    chown: flags.text('chown'),
    chmod: flags.text('chmod'),
    link: flags.bool('link'),
    parents: flags.bool('parents'),
    exclude: flags.list('exclude'),
  }
}

function add(node: Node): Instruction {
  needsDestination(node, 'ADD')
  const flags = readFlags(node.flags, {
    chown: 'string',
    chmod: 'string',
    link: 'bool',
    'keep-git-dir': 'bool',
    checksum: 'string',
    unpack: 'bool',
    exclude: 'strings',
  })
  return {
    ...base(node),
    kind: 'add',
    sources: sources(node, 'ADD'),
    chown: flags.text('chown'),
    chmod: flags.text('chmod'),
    link: flags.bool('link'),
    exclude: flags.list('exclude'),
    checksum: flags.text('checksum'),
    ...(flags.has('keep-git-dir') ? { keepGitDir: flags.bool('keep-git-dir') } : {}),
    ...(flags.has('unpack') ? { unpack: flags.bool('unpack') } : {}),
  }
}

function shell(node: Node): Instruction {
  readFlags(node.flags, {})
  atLeastOne(node, 'SHELL', '["executable", "parameters"]')
  if (!node.json)
    throw fault('SHELL requires the arguments to be in JSON form', {
      expected: 'SHELL ["executable", "parameters"]',
    })
  return { ...base(node), kind: 'shell', shell: node.args }
}

function volume(node: Node): Instruction {
  atLeastOne(node, 'VOLUME', '<path>…')
  readFlags(node.flags, {})
  const paths = node.args.map(trimSpace)
  if (paths.includes('')) throw fault('VOLUME specified can not be an empty string', { expected: 'a path' })
  return { ...base(node), kind: 'volume', paths }
}

function expose(node: Node): Instruction {
  atLeastOne(node, 'EXPOSE', '<port>[/<protocol>]…')
  readFlags(node.flags, {})
  return { ...base(node), kind: 'expose', ports: node.args.toSorted() }
}

const readers: Readonly<Record<string, (node: Node) => Instruction | Stage>> = {
  add,
  arg,
  copy,
  expose,
  from,
  onbuild,
  run,
  shell,
  volume,
  cmd: (node) => {
    readFlags(node.flags, {})
    return { ...base(node), kind: 'cmd', command: command(node) }
  },
  entrypoint: (node) => {
    readFlags(node.flags, {})
    return { ...base(node), kind: 'entrypoint', command: command(node) }
  },
  env: (node) => ({ ...base(node), kind: 'env', pairs: pairs(node, 'ENV') }),
  healthcheck: (node) => ({ ...base(node), kind: 'healthcheck', health: parseHealthcheck(node) }),
  label: (node) => ({ ...base(node), kind: 'label', pairs: pairs(node, 'LABEL') }),
  maintainer: (node) => {
    const maintainer = exactlyOne(node, 'MAINTAINER', '<name>')
    readFlags(node.flags, {})
    return { ...base(node), kind: 'maintainer', maintainer }
  },
  stopsignal: (node) => ({ ...base(node), kind: 'stopsignal', signal: exactlyOne(node, 'STOPSIGNAL', '<signal>') }),
  user: (node) => {
    const user = exactlyOne(node, 'USER', '<user>[:<group>]')
    readFlags(node.flags, {})
    return { ...base(node), kind: 'user', user }
  },
  workdir: (node) => {
    const path = exactlyOne(node, 'WORKDIR', '<path>')
    readFlags(node.flags, {})
    return { ...base(node), kind: 'workdir', path }
  },
}
