/** The key pair that signs service account tokens, and how verifiers name it. */
export interface TokenKeys {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly algorithm: 'ES256' | 'RS256'
  readonly keyId: string
}

/** Reads a private key (PKCS 8, PEM, P-256 or RSA). */
export async function tokenKeysOf(pem: string): Promise<TokenKeys> {
  const base64 = pem.replace(/-----[^-]+-----/g, '').replace(/\s+/g, '')
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
  // The object identifier of elliptic curve keys: 1.2.840.10045.2.1.
  const isCurve = indexOf(bytes, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]) >= 0
  const kind = isCurve ? { name: 'ECDSA', namedCurve: 'P-256' } : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const { subtle } = globalThis.crypto
  const privateKey = await subtle.importKey('pkcs8', bytes, kind, true, ['sign'])
  const jwk = await subtle.exportKey('jwk', privateKey)
  const { kty, crv, x, y, n, e } = jwk
  const open = (isCurve ? { kty, crv, x, y } : { kty, n, e }) as JsonWebKey
  const publicKey = await subtle.importKey('jwk', open, kind, true, ['verify'])
  const digest = await subtle.digest('SHA-256', await subtle.exportKey('spki', publicKey))
  const keyId = btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
  return { privateKey, publicKey, algorithm: isCurve ? 'ES256' : 'RS256', keyId }
}

function indexOf(bytes: Uint8Array, wanted: readonly number[]): number {
  for (let i = 0; i + wanted.length <= bytes.length; i++) if (wanted.every((byte, j) => bytes[i + j] === byte)) return i
  return -1
}
