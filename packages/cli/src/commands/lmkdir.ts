import { mkdir } from 'node:fs/promises'
import { fromLocalError } from '@jftp/client'
import { throwFailures } from '../output/exit-code.js'
import { defineCommand } from './command.js'

export const lmkdir = defineCommand({
  arguments: [{ name: 'FOLDER', takes: 'some', isNew: true, kinds: [['local-folder']] }],
  flags: {
    parents: { spelling: '-p, --parents', help: 'make missing parents too, and accept a folder that exists' },
  },
  async run({ local }, folders, { parents }) {
    const failures: unknown[] = []
    for (const folder of folders) {
      const path = local.resolve(folder)
      try {
        await mkdir(path, { recursive: parents === true })
      } catch (error) {
        failures.push(fromLocalError(error, path))
      }
    }
    throwFailures(failures)
  },
})
