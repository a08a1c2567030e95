import type { ApiRequest, ApiResponse } from '../contract.ts'
import { methodNotAllowed } from '../errors.ts'
import { jsonResponse } from '../respond.ts'
import type { TokenKeys } from './token-keys.ts'

/** OpenID discovery: how others can check our service account tokens. Undefined: another path. */
export async function issuerDocument(
  { path, method }: ApiRequest,
  issuer: string,
  keys: TokenKeys,
): Promise<ApiResponse | undefined> {
  const isKeys = path === '/openid/v1/jwks'
  if (!isKeys && path !== '/.well-known/openid-configuration') return undefined
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed()
  const headers = { 'cache-control': 'public, max-age=3600' }
  if (!isKeys)
    return jsonResponse(
      200,
      {
        issuer,
        jwks_uri: `${issuer}/openid/v1/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: [keys.algorithm],
      },
      headers,
    )
  const { kty, crv, x, y, n, e } = await globalThis.crypto.subtle.exportKey('jwk', keys.publicKey)
  const { algorithm, keyId } = keys
  const key = keys.algorithm === 'ES256' ? { crv, x, y } : { n, e }
  const jwk = JSON.parse(JSON.stringify({ use: 'sig', kty, kid: keyId, alg: algorithm, ...key }))
  return jsonResponse(200, { keys: [jwk] }, { ...headers, 'content-type': 'application/jwk-set+json' })
}
