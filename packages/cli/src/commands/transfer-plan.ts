import { type Stats, statSync } from 'node:fs'
import { basename } from 'node:path'
import { FtpError, type OnExists, type RemoteEntry } from '@jftp/client'
import { joinRemotePath, remoteDirname } from '@jftp/protocol'
import { throwFailures } from '../output/exit-code.js'
import type { Context } from './context.js'
import { findEntry, tellPlan, wouldSkip } from './plan.js'
import type { TransferJob } from './transfer-batch.js'

/** What the flags of a get or a put come to, as far as a plan depends on them. */
export interface PlanOptions {
  readonly onExists: OnExists | undefined
  readonly removeSource: boolean
}

/** Says which files would be fetched. `check` throws if the source is none that can be. */
export function planGets(
  context: Context,
  jobs: readonly TransferJob[],
  { onExists, removeSource }: PlanOptions,
  check: (entry: RemoteEntry) => void,
): Promise<void> {
  return planEach(jobs, async ({ client, subject: { path, local } }) => {
    const entry = await client.stat(path, { links: 'follow', signal: context.signal })
    check(entry)
    const there = local === undefined ? undefined : statSync(local, { throwIfNoEntry: false })?.mtimeMs
    const isSkipped = wouldSkip(onExists, local ?? path, entry.mtime, there)
    await tellPlan(context, isSkipped ? 'skip' : 'receive', path, { local: local ?? '-' })
    if (removeSource && !isSkipped) await tellPlan(context, 'delete', path)
  })
}

/** Says which files would be stored. `check` throws if the source is none that can be. */
export function planPuts(
  context: Context,
  jobs: readonly TransferJob[],
  { onExists, removeSource, makesFolders }: PlanOptions & { readonly makesFolders: boolean },
  check: (local: string) => Promise<Stats>,
): Promise<void> {
  const { signal } = context
  return planEach(jobs, async ({ client, subject }) => {
    const { local } = subject
    const time = local === undefined ? Date.now() : (await check(local)).mtimeMs
    let { path } = subject
    let target = await findEntry(client, path, signal)
    if (target?.type === 'directory' && local !== undefined) {
      path = joinRemotePath(path, basename(local))
      target = await findEntry(client, path, signal)
    }
    if (target?.type === 'directory')
      throw new FtpError('is-a-directory', 'there is a folder of that name', { path })
    if (target === undefined && !makesFolders) await client.checkFolder(remoteDirname(path), { signal })
    const isSkipped = wouldSkip(onExists, path, time, target?.mtime)
    if (isSkipped) return tellPlan(context, 'skip', path)
    await tellPlan(context, 'send', path, { local: local ?? '-' })
    if (removeSource && local !== undefined) await tellPlan(context, 'delete', local)
  })
}

/** All are planned, and the failures are thrown together. */
async function planEach(
  jobs: readonly TransferJob[],
  plan: (job: TransferJob) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  for (const job of jobs) {
    try {
      await plan(job)
    } catch (error) {
      failures.push(error)
    }
  }
  throwFailures(failures)
}
