import type { RegistryAuth } from './contract.ts'

/** What a build needs from the engine's other parts. The engine hands it in; tests hand in fakes. */
export interface BuildHost {
  readonly images: BuildImages
  readonly networks: BuildNetworks
}

export interface PullProgress {
  readonly id?: string
  readonly status: string
  readonly current?: number
  readonly total?: number
}

export interface BuildImages {
  /** Gets the image and gives its id. Throws Docker's own sentence (`pull access denied for …`). */
  pull(
    reference: string,
    options: {
      readonly platform?: string
      readonly auths?: Readonly<Record<string, RegistryAuth>>
      readonly onProgress: (progress: PullProgress) => void
      readonly signal: AbortSignal
    },
  ): Promise<string>
  /** Gives the image a name, taking it from whoever had it, and emits Docker's `image tag` event. */
  tag(imageId: string, reference: string): Promise<void>
  /** Emits Docker's `image build` event. */
  built(imageId: string): void
}

/** A network for one RUN step. */
export interface BuildNetwork extends AsyncDisposable {
  /** Path of the network namespace; undefined is the host's own. */
  readonly namespace?: string
  /** Content for /etc/resolv.conf, /etc/hosts and /etc/hostname in the step. */
  readonly resolvConf: string
  readonly hosts: string
  readonly hostname: string
}

export interface BuildNetworks {
  /** `mode`: default, bridge, none, host, container:<id>, or a network's name. */
  attach(
    mode: string,
    options: { readonly stepId: string; readonly extraHosts: readonly string[] },
  ): Promise<BuildNetwork>
}
