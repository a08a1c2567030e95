import { readInstruction } from './instruction.ts'
import { readLines } from './lines.ts'
import { SourceText } from './position.ts'
import type { ArgInstruction, Dockerfile, Instruction, Node, Stage } from './syntax.ts'
import { DockerfileError, fault } from './syntax-error.ts'

export interface ParseOptions {
  /** As it is to be named in messages: `the Dockerfile (<name>) cannot be empty`. */
  readonly name?: string
}

interface OpenStage extends Omit<Stage, 'instructions'> {
  readonly instructions: Instruction[]
}

/** Reads a whole Dockerfile. Throws a DockerfileError, and nothing else. */
export function parseDockerfile(text: string, options: ParseOptions = {}): Dockerfile {
  if (text === '')
    throw fault(options.name ? `the Dockerfile (${options.name}) cannot be empty` : 'the Dockerfile cannot be empty', {
      expected: 'FROM <image>',
    })
  const source = new SourceText(text)
  const lines = readLines(source)
  const globalArgs: ArgInstruction[] = []
  const stages: OpenStage[] = []
  for (const node of lines.nodes) {
    const instruction = understand(node, source)
    const stage = stages.at(-1)
    if (instruction.kind === 'from') stages.push({ ...instruction, instructions: [] })
    else if (stage) stage.instructions.push(instruction)
    else if (instruction.kind === 'arg') globalArgs.push(instruction)
    else
      throw new DockerfileError('no build stage in current context', {
        range: source.rangeOfToken(node.range, node.keyword),
        expected: 'FROM <image> or ARG',
        phase: 'instruction',
      })
  }
  return { ...lines, globalArgs, stages }
}

function understand(node: Node, source: SourceText): Instruction | Stage {
  try {
    return readInstruction(node)
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error
    throw new DockerfileError(`dockerfile parse error on line ${node.startLine}: ${error.reason}`, {
      range: source.rangeOfToken(node.range, error.token),
      reason: error.reason,
      expected: error.expected,
      token: error.token,
      phase: 'instruction',
    })
  }
}

/** Reads one instruction that stands alone: a trigger of ONBUILD, a change of `docker commit`. */
export function parseInstruction(text: string): Instruction {
  const source = new SourceText(text)
  const { nodes } = readLines(source)
  const [node] = nodes
  if (!node || nodes.length !== 1) throw fault('onbuild trigger should be a single expression')
  try {
    const instruction = readInstruction(node)
    if (instruction.kind !== 'from') return instruction
    throw fault('*instructions.Stage is not a command type')
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error
    throw error.at(source.rangeOfToken(node.range, error.token))
  }
}
