import { ServiceAddresses } from './service-addresses.ts'
import type { WriteHooks } from './write-hooks.ts'

const hooks = new Map<string, WriteHooks>([['/registry/services/', new ServiceAddresses()]])

/** What the objects whose keys begin so need besides their own keys. */
export const hooksOf = (keyPrefix: string): WriteHooks | undefined => hooks.get(keyPrefix)
