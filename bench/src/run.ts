/**
 * `pnpm bench`: jftp beside rsync, curl, lftp, scp and sftp on this machine, in one run, in turns. Prints medians,
 * spreads and ratios, keeps them as JSON, and says what was skipped.
 */
import { loadavg } from 'node:os'
import { type Contest, hold, type Result } from './contest.js'
import { digestSpeeds } from './digest-speed.js'
import type { Figures } from './figures.js'
import { describeMachine } from './machine.js'
import type { Peer } from './peers/peer.js'
import { startPeers } from './peers/roster.js'
import { keep, publish } from './publication.js'
import { report } from './report.js'
import { readCommandLine, type Settings, USAGE, type WorkloadName } from './settings.js'
import { Attempts } from './skip.js'
import { findVersions } from './versions.js'
import { Workbench } from './workbench.js'
import { bigFileContests } from './workloads/big-file.js'
import { measureIdleConnections } from './workloads/idle-connections.js'
import { measureMemory } from './workloads/memory.js'
import { smallFileContests } from './workloads/small-files.js'
import { startUpContests } from './workloads/start-up.js'
import { IN_MEMORY, type Variant } from './workloads/variant.js'
import { wanResults } from './workloads/wan.js'

/** The most bytes of the file that is put beside idle connections. */
const LARGEST_BESIDE_IDLE = 2 ** 30

const commandLine = readCommandLine(process.argv.slice(2))
if (commandLine.type === 'help') console.log(USAGE)
else if (commandLine.type === 'wrong') {
  console.error(`bench: ${commandLine.message}\n${USAGE}`)
  process.exitCode = 2
} else process.exitCode = await run(commandLine.settings)

/** Resolves to the exit code: 1 if jftp or the bench itself failed. A tool beside them that failed is only named. */
async function run(settings: Settings): Promise<number> {
  const workbench = new Workbench(settings.dir)
  try {
    const figures = await measure(workbench, settings)
    console.log(report(figures))
    keep(figures, settings.json)
    if (settings.output === 'publish') publish(figures)
    note(settings.output === 'publish' ? 'published in docs/' : `kept in ${settings.json}`)
    return hasFailed(figures) ? 1 : 0
  } finally {
    await workbench.close()
  }
}

async function measure(workbench: Workbench, settings: Settings): Promise<Figures> {
  const { only, beside, rounds, size, sparseSize, files, connections, dir, disk } = settings
  const machine = describeMachine(dir)
  const before = loadOfTheMachine()
  const attempts = new Attempts()
  const tryTo = async <T>(name: WorkloadName, work: () => T | Promise<T>): Promise<T | undefined> =>
    only.includes(name) ? attempts.attempt(name, work) : undefined
  const holdAll = async (contests: readonly Contest[]): Promise<Result[]> => {
    const results: Result[] = []
    for (const contest of contests) results.push(await hold(contest, note))
    return results
  }
  const contests = async (name: WorkloadName, work: () => Promise<Result[]>) =>
    (await tryTo(name, work)) ?? []
  const needsPeers = only.some((name) => name === 'big' || name === 'many' || name === 'start')
  const peers = needsPeers ? await startPeers(workbench, attempts, { beside }) : []
  const big = { size, rounds, variant: IN_MEMORY }
  const many = { files, rounds, variant: IN_MEMORY }
  const wan = { dir, rounds: settings.wanRounds, files: settings.wanFiles, size: settings.wanSize }
  const results = [
    ...(await contests('big', () => holdAll(bigFileContests(workbench, peers, big)))),
    ...(await contests('many', () => holdAll(smallFileContests(workbench, peers, many)))),
    ...(await contests('start', () => holdAll(startUpContests(workbench, peers, { rounds, beside })))),
    ...(await contests('wan', () => wanResults(attempts, wan, (contest) => hold(contest, note)))),
    ...(disk === undefined
      ? []
      : await contests('disk', () =>
          onDisk(disk, attempts, async (bench, peers, variant) => [
            ...(await holdAll(bigFileContests(bench, peers, { ...big, variant }))),
            ...(await holdAll(smallFileContests(bench, peers, { ...many, variant }))),
          ]),
        )),
  ]
  const memory = await tryTo('memory', () => measureMemory(workbench, { size, sparseSize, files }, note))
  const idling = { connections, size: Math.min(size, LARGEST_BESIDE_IDLE), rounds }
  const measureIdle = (scheme: 'jftp' | 'jftps') =>
    tryTo('idle', () => {
      note(`idle: ${connections} connections to ${scheme}://`)
      return measureIdleConnections(workbench, scheme, idling)
    })
  const [idle, idleTls] = [await measureIdle('jftp'), await measureIdle('jftps')]
  const { skipped, failed } = attempts
  const load = { before, after: loadOfTheMachine() }
  const date = new Date().toISOString().slice(0, 10)
  const versions = findVersions()
  const digests = await digestSpeeds()
  const rest = { memory: memory ?? [], idle, idleTls, skipped, failed }
  return { date, machine, load, digests, versions, results, ...rest }
}

/** The same contests in a folder of a disk, with servers of their own. */
async function onDisk(
  dir: string,
  attempts: Attempts,
  work: (workbench: Workbench, peers: readonly Peer[], variant: Variant) => Promise<Result[]>,
): Promise<Result[]> {
  const workbench = new Workbench(dir)
  try {
    const variant = { id: 'disk-', title: ` on ${describeMachine(dir).fileSystem}` }
    return await work(workbench, await startPeers(workbench, attempts, {}), variant)
  } finally {
    await workbench.close()
  }
}

function hasFailed({ results, memory, failed }: Figures): boolean {
  const entries = results.flatMap((result) => result.entries)
  return (
    failed.some(({ maker }) => maker === 'jftp') ||
    memory.some(({ md5 }) => md5 === 'different') ||
    entries.some(({ maker, failure }) => maker === 'jftp' && failure !== undefined)
  )
}

function loadOfTheMachine(): number {
  return loadavg()[0] ?? 0
}

/** What it is doing, apart from the figures. */
function note(text: string): void {
  console.error(`· ${text}`)
}
