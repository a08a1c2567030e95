import type { Store } from './contract.ts'

export interface EtcdStoreOptions {
  /** host:port of each member. */
  readonly endpoints: readonly string[]
  /** Put before every key, so that several stores can share one etcd. */
  readonly prefix?: string
}

export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  throw new Error(`Cannot open etcd at ${options.endpoints.join(', ')}: not written yet`)
}
