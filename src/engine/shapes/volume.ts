export interface Volume {
  Name: string
  Driver: string
  Mountpoint: string
  CreatedAt: string
  Status?: Record<string, unknown>
  Labels: Record<string, string> | null
  Scope: 'local'
  Options: Record<string, string> | null
  /** Only in `docker system df`. */
  UsageData?: { Size: number; RefCount: number }
}

export interface CreateVolumeRequest {
  Name?: string
  Driver?: string
  DriverOpts?: Record<string, string> | null
  Labels?: Record<string, string> | null
  ClusterVolumeSpec?: object | null
}
