import { statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { FtpError, fromLocalError } from '@jftp/client'
import { throwFailures } from '../output/exit-code.js'
import { defineCommand } from './command.js'
import { tellPlan } from './plan.js'

export const lmkdir = defineCommand({
  dryRun: 'plans',
  arguments: [{ name: 'FOLDER', takes: 'some', isNew: true, kinds: [['local-folder']] }],
  flags: {
    parents: { spelling: '-p, --parents', help: 'make missing parents too, and accept a folder that exists' },
  },
  async run(context, folders, { parents }) {
    const { local, settings } = context
    const failures: unknown[] = []
    for (const folder of folders) {
      const path = local.resolve(folder)
      try {
        if (settings.isDryRun) {
          const there = statSync(path, { throwIfNoEntry: false })
          if (there === undefined) await tellPlan(context, 'make', path)
          else if (!parents || !there.isDirectory())
            throw new FtpError('local-exists', 'the name is taken', { path })
        } else await mkdir(path, { recursive: parents === true })
      } catch (error) {
        failures.push(fromLocalError(error, path))
      }
    }
    throwFailures(failures)
  },
})
