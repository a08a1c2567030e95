/**
 * Compiling seccomp rules takes crun longer than the rest of its work (8 ms for the usual set). It leaves the compiled
 * filter beside the container's record, and takes one in an annotation in place of rules: so each distinct set is
 * compiled for the first container only. A container that does not have the filter it should have is never started.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OciSeccomp, OciSpec } from './oci-spec.ts'
import { RuntimeError } from './runtime-error.ts'

const annotation = 'run.oci.seccomp_bpf_data'

export class SeccompCache {
  readonly #crunRoot: string
  readonly #compiled = new Map<string, Buffer>()
  /** The same rules come as the same object again and again: hash each object once. */
  readonly #keys = new WeakMap<OciSeccomp, string>()

  constructor(crunRoot: string) {
    this.#crunRoot = crunRoot
  }

  /** The specification with the compiled filter where it is known. */
  apply(spec: OciSpec): OciSpec {
    const rules = spec.linux.seccomp
    const filter = rules && this.#compiled.get(this.#key(rules))
    if (rules === undefined || filter === undefined) return spec
    const { syscalls: _, ...rest } = rules
    return {
      ...spec,
      annotations: { ...spec.annotations, [annotation]: filter.toString('base64') },
      linux: { ...spec.linux, seccomp: rest },
    }
  }

  /** After `create` and before `start`: keeps what was compiled, and checks what was handed over. */
  settle(id: string, spec: OciSpec): void {
    const rules = spec.linux.seccomp
    if (rules === undefined || rules.syscalls?.some((rule) => rule.action === 'SCMP_ACT_NOTIFY')) return
    const path = join(this.#crunRoot, id, 'seccomp.bpf')
    const present = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    const key = this.#key(rules)
    const wanted = this.#compiled.get(key)
    if (wanted === undefined) {
      if (present.length > 0) this.#compiled.set(key, present)
      return
    }
    if (present.equals(wanted)) return
    this.#compiled.delete(key)
    throw new RuntimeError('create', `crun has not taken over the compiled seccomp filter of container ${id}`)
  }

  #key(rules: OciSeccomp): string {
    const known = this.#keys.get(rules)
    if (known !== undefined) return known
    const key = createHash('sha256').update(JSON.stringify(rules)).digest('hex')
    this.#keys.set(rules, key)
    return key
  }
}
