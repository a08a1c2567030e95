import { STATUS_CODES } from 'node:http'
import type { Credentials, LoginResult } from '../contract.ts'
import { AuthorizationError } from './authorization.ts'
import type { Connections } from './connections.ts'
import { hubDomain } from './endpoint.ts'
import { ErrorResponse } from './error-response.ts'
import { transferFailure } from './failure.ts'
import { TransferError } from './transfer-error.ts'
import { discard } from './transport.ts'
import { TransportError } from './transport-error.ts'

/** `https://index.docker.io/v1/` is how the docker command calls Docker Hub. */
export function domainOfServerAddress(address: string | undefined): string {
  const host = (address ?? '').replace(/^https?:\/\//, '').split('/', 1)[0] ?? ''
  return host === '' || host === 'index.docker.io' || host === 'registry-1.docker.io' ? hubDomain : host
}

/** `POST /auth`: whether a registry takes these credentials. */
export async function checkLogin(connections: Connections, credentials: Credentials): Promise<LoginResult> {
  const endpoints = await connections.endpoints(domainOfServerAddress(credentials.serverAddress))
  const own = endpoints.filter((endpoint) => !endpoint.isMirror)
  let failure: unknown
  for (const endpoint of own) {
    const session = connections.session(endpoint, { credentials, offline: true }, [])
    try {
      discard(await session.request({ method: 'GET', path: '/v2/', expect: [200], attempts: 1 }))
      return { status: 'Login Succeeded', identityToken: session.authorization?.refreshToken ?? '' }
    } catch (error) {
      failure = loginFailure(error, session.url('/v2/'))
      if (!(error instanceof TransportError)) break
    }
  }
  throw failure
}

function loginFailure(error: unknown, url: URL): unknown {
  if (error instanceof AuthorizationError) {
    const statusCode = error.cause instanceof ErrorResponse && error.cause.status !== 401 ? 500 : 401
    return new TransferError('unauthorized', error.message, { cause: error, statusCode })
  }
  if (error instanceof ErrorResponse) {
    const text = `login attempt to ${url.href} failed with status: ${error.status} ${STATUS_CODES[error.status] ?? ''}`
    return new TransferError('unauthorized', text, { cause: error, statusCode: error.status === 401 ? 401 : 500 })
  }
  return transferFailure(error)
}
