import { request } from 'node:http'
import type { HttpCheck } from '../lesson/format.ts'
import { met, unmet, type Verdict } from './observation.ts'
import { matches } from './pattern.ts'

type Answer = { status: number; body: string } | { fails: 'refused' | 'reset' | 'timeout' }

const timeoutMs = 1_500
const bodyLimit = 64 * 1024

/** One request to this machine. Whatever goes wrong is an answer of its own: that is what the lesson is about. */
export async function ask(method: string, url: string): Promise<Answer> {
  return await new Promise((resolve) => {
    const call = request(url, { method, agent: false, timeout: timeoutMs }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        if (body.length < bodyLimit) body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', () => resolve({ fails: 'reset' }))
    })
    call.on('timeout', () => {
      resolve({ fails: 'timeout' })
      call.destroy()
    })
    call.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ fails: error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND' ? 'refused' : 'reset' })
    })
    call.end()
  })
}

export async function evaluateHttp(check: HttpCheck): Promise<Verdict> {
  const answer = await ask(check.method ?? 'GET', check.url)
  if ('fails' in answer) {
    return check.fails === answer.fails ? met : unmet({ what: 'http-failed', url: check.url, how: answer.fails })
  }
  const sees = unmet({ what: 'http-answer', url: check.url, status: answer.status, body: answer.body.slice(0, 200) })
  if (check.fails !== undefined) return sees
  if (answer.status !== (check.status ?? 200)) return sees
  return check.body === undefined || matches(check.body, answer.body.trim()) ? met : sees
}
