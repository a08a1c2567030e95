/** Counters as the Docker Engine API has them on Linux; 64-bit counts are rounded beyond 2^53. */
export interface ContainerStatsResponse {
  id: string
  name: string
  os_type: 'linux'
  read: string
  preread: string
  pids_stats: { current?: number; limit?: number }
  blkio_stats: Record<string, BlkioStatEntry[] | null>
  num_procs: 0
  storage_stats: object
  cpu_stats: CpuStats
  precpu_stats: CpuStats
  memory_stats: {
    usage?: number
    max_usage?: number
    stats?: Record<string, number>
    failcnt?: number
    limit?: number
  }
  networks?: Record<string, NetworkStats>
}

export interface BlkioStatEntry {
  major: number
  minor: number
  op: string
  value: number
}

export interface CpuStats {
  cpu_usage: {
    total_usage: number
    percpu_usage?: number[]
    usage_in_kernelmode: number
    usage_in_usermode: number
  }
  system_cpu_usage?: number
  online_cpus?: number
  throttling_data: { periods: number; throttled_periods: number; throttled_time: number }
}

export interface NetworkStats {
  rx_bytes: number
  rx_packets: number
  rx_errors: number
  rx_dropped: number
  tx_bytes: number
  tx_packets: number
  tx_errors: number
  tx_dropped: number
}
