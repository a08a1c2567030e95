/** How a layer says what it hides: in a tar by names, in an overlay's folder by nodes and an attribute. */
export const whiteoutPrefix = '.wh.'
export const opaqueMark = '.wh..wh..opq'
export const opaqueXattr = 'trusted.overlay.opaque'

export function isWhiteout(found: { isCharacterDevice(): boolean; rdev: number }): boolean {
  return found.isCharacterDevice() && found.rdev === 0
}
