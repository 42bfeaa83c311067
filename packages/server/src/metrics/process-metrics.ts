import { readdir } from 'node:fs/promises'
import { Counter, Gauge, type Registry } from 'prom-client'

/**
 * What every process tells Prometheus, under the usual names. prom-client has these too, but it counts descriptors
 * synchronously, which with ten thousand connections would keep the event loop busy.
 */
export function addProcessMetrics(registry: Registry): void {
  const registers = [registry]
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process began, in seconds since 1970',
    registers,
  }).set(Math.round(Date.now() / 1000 - process.uptime()))
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory that is in use',
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  let counted = 0
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of all threads',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      const seconds = (user + system) / 1e6
      this.inc(seconds - counted)
      counted = seconds
    },
  })
  new Gauge({
    name: 'process_open_fds',
    help: 'Open descriptors',
    registers,
    async collect() {
      // If there is no descriptor free for this, or the system has no such folder, the old number stays.
      const open = await readdir('/proc/self/fd').catch(() => undefined)
      if (open !== undefined) this.set(open.length)
    },
  })
}
