import { parentPort } from 'node:worker_threads'
import type { LayerReply } from './layer-workers.ts'
import { OciError } from './oci-error.ts'
import { type UnpackJob, unpackLayer } from './unpack-layer.ts'

/** The far side of LayerWorkers: one job at a time. */
const port = parentPort
if (!port) throw new Error('this file runs in a worker thread')

async function run(job: UnpackJob): Promise<LayerReply> {
  try {
    return { done: await unpackLayer(job, (progress) => port?.postMessage({ progress } satisfies LayerReply)) }
  } catch (error) {
    if (error instanceof OciError) return { fault: { code: error.code, message: error.message } }
    const { message, stack, code } = error as NodeJS.ErrnoException
    return { failure: { message, ...(stack && { stack }), ...(code && { code }) } }
  }
}

port.on('message', (job: UnpackJob) => {
  run(job).then((reply) => port.postMessage(reply))
})
