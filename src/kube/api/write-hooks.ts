import type { KubeObject } from '../schema/index.ts'
import type { Core } from './request-context.ts'

/** Called with what became of the write that the hook was a part of. */
export type Finish = (written: boolean) => Promise<void>

/** What a kind needs besides its own key: addresses and ports of services. */
export interface WriteHooks {
  /** May change the object. @throws StatusError */
  beginCreate(core: Core, object: KubeObject, dryRun: boolean): Promise<Finish>
  beginUpdate(core: Core, object: KubeObject, old: KubeObject, dryRun: boolean): Promise<Finish>
  afterDelete(core: Core, object: KubeObject): Promise<void>
}
