import type { Source } from './operation.ts'
import type { Solved } from './solver.ts'
import type { StepImage } from './step-image.ts'

/** First what the step stands on, then its sources. */
export type Input = Solved<StepImage>

export function resultOf(input: Input | undefined): StepImage {
  if (!input) throw new Error('Cannot do the step: it stands on nothing')
  return input.result
}

/** Sources that are the context have no input of their own. */
export function inputOf(source: Source, sources: readonly Source[], inputs: readonly Input[]): StepImage {
  const outside = sources.filter(({ kind }) => kind !== 'context')
  const index = outside.findIndex((candidate) => JSON.stringify(candidate) === JSON.stringify(source))
  return resultOf(inputs[index + 1])
}
