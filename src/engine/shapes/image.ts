import type { ImageRunConfig } from '../../oci/index.ts'

export interface ImageSummary {
  Id: string
  ParentId: string
  RepoTags: string[]
  RepoDigests: string[]
  /** Unix seconds. */
  Created: number
  Size: number
  /** -1: not asked for. */
  SharedSize: number
  Labels: Record<string, string> | null
  /** -1: not asked for. */
  Containers: number
  Manifests?: object[]
  Descriptor?: object
}

export interface ImageInspect {
  Id: string
  RepoTags: string[]
  RepoDigests: string[]
  Parent: string
  Comment: string
  Created: string
  DockerVersion: string
  Author: string
  Config: ImageRunConfig | null
  Architecture: string
  Variant?: string
  Os: string
  OsVersion?: string
  Size: number
  GraphDriver: { Name: string; Data: Record<string, string> | null }
  RootFS: { Type: string; Layers?: string[] }
  Metadata: { LastTagTime: string }
  Manifests?: object[]
  Descriptor?: object
}

export interface ImageHistoryItem {
  Id: string
  Created: number
  CreatedBy: string
  Tags: string[] | null
  Size: number
  Comment: string
}

/** One line each of the answer to an image's removal. */
export type ImageRemoval = { Untagged: string } | { Deleted: string }

export interface SearchResult {
  description: string
  is_official: boolean
  is_automated: boolean
  name: string
  star_count: number
}

/** One line of a pull, push, load or import stream, as the docker CLI reads it. */
export interface JsonMessage {
  stream?: string
  status?: string
  id?: string
  progress?: string
  progressDetail?: { current?: number; total?: number }
  aux?: object
  error?: string
  errorDetail?: { code?: number; message: string }
}
