/** Base64 of a text's UTF-8 bytes. */
export function encodeBase64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** The bytes of standard Base64 (line breaks allowed). */
export function decodeBase64(text: string): Uint8Array {
  const binary = atob(text.replace(/[\r\n]/g, ''))
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

/** How many bytes Base64 stands for. */
export function base64Length(text: string): number {
  const body = text.replace(/[\r\n]/g, '')
  const padding = body.endsWith('==') ? 2 : body.endsWith('=') ? 1 : 0
  return (body.length / 4) * 3 - padding
}
