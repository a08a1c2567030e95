/** libnftables(3): the nft program's own parser, in this process. Every buffer of commands is one transaction. */
import koffi from 'koffi'

function load() {
  const library = koffi.load('libnftables.so.1')
  return {
    contextNew: library.func('void *nft_ctx_new(uint)'),
    contextFree: library.func('void nft_ctx_free(void *)'),
    bufferOutput: library.func('int nft_ctx_buffer_output(void *)'),
    bufferError: library.func('int nft_ctx_buffer_error(void *)'),
    getOutput: library.func('const char *nft_ctx_get_output_buffer(void *)'),
    getError: library.func('const char *nft_ctx_get_error_buffer(void *)'),
    run: library.func('int nft_run_cmd_from_buffer(void *, const char *)'),
    outputFlags: library.func('void nft_ctx_output_set_flags(void *, uint)'),
  }
}

export class Nftables implements Disposable {
  readonly #call = load()
  #context: unknown = null

  /** Returns what nft prints; throws with its first complaint. */
  run(commands: string): string {
    this.#context ??= this.#open()
    if (this.#call.run(this.#context, commands) !== 0) {
      const complaint: string = this.#call.getError(this.#context)
      throw new Error(`Cannot change the nftables rules: ${complaint.trim().split('\n').slice(0, 3).join(' ')}`)
    }
    return this.#call.getOutput(this.#context)
  }

  /** With the handle of each rule, by which it can be deleted; null where there is no such chain. */
  listChain(chain: string): string | null {
    const NFT_CTX_OUTPUT_HANDLE = 1 << 3
    this.#context ??= this.#open()
    this.#call.outputFlags(this.#context, NFT_CTX_OUTPUT_HANDLE)
    try {
      const found = this.#call.run(this.#context, `list chain ${chain}`) === 0
      return found ? this.#call.getOutput(this.#context) : null
    } finally {
      this.#call.outputFlags(this.#context, 0)
    }
  }

  #open(): unknown {
    const context: unknown = this.#call.contextNew(0)
    this.#call.bufferOutput(context)
    this.#call.bufferError(context)
    return context
  }

  [Symbol.dispose](): void {
    if (this.#context !== null) this.#call.contextFree(this.#context)
    this.#context = null
  }
}
