import type { EmitMessage } from '../contract.ts'
import type { Core } from '../core/core.ts'
import { invalid } from '../engine-error.ts'
import { imageEvent } from './image-event.ts'
import { imageError } from './resolve-image.ts'
import { progressBar } from './transfer-images.ts'

const short = (id: string) => id.replace(/^sha256:/, '').slice(0, 12)

/** `docker load`. */
export async function loadImages(
  core: Core,
  tar: AsyncIterable<Uint8Array>,
  options: { quiet?: boolean; platforms?: string[] },
  emit: EmitMessage,
  signal?: AbortSignal,
): Promise<void> {
  if ((options.platforms?.length ?? 0) > 1) throw invalid('multiple platforms are not supported')
  try {
    const loaded = await core.content.load(interruptible(tar, signal), (event) => {
      if (options.quiet || event.kind !== 'layer') return
      const { current = 0, total = 0 } = event
      emit({
        status: 'Loading layer',
        progressDetail: { current, total },
        progress: progressBar({ current, total }),
        id: short(event.id),
      })
    })
    for (const { image, names } of loaded) {
      imageEvent(core, image, 'load')
      if (names.length === 0) emit({ stream: `Loaded image ID: ${image.id}\n` })
      for (const name of names) emit({ stream: `Loaded image: ${name}\n` })
    }
  } catch (error) {
    throw imageError(error)
  }
}

async function* interruptible(source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
  for await (const chunk of source) {
    signal?.throwIfAborted()
    yield chunk
  }
}
