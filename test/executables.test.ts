import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { ScratchFolder } from './scratch-folder.js'

/* `ftp` and `ftpd` as single files, which run without Node and without any file of this repository. */

const script = fileURLToPath(new URL('../deploy/build-executables.js', import.meta.url))

let scratch: ScratchFolder
let folder: string

describe.skipIf(process.platform !== 'linux')('the executables', () => {
  beforeAll(() => {
    scratch = new ScratchFolder()
    folder = mkdtempSync(join(scratch.path, 'executables-'))
    const { status, stderr } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
  })
  afterAll(() => scratch[Symbol.dispose]())

  /** Runs one where there is nothing on the PATH. */
  const run = (name: string, args: readonly string[], input = '') => {
    const env = { PATH: '', HOME: scratch.path }
    const { status, stdout, stderr } = spawnSync(join(folder, name), args, {
      cwd: scratch.local,
      env,
      input,
      encoding: 'utf8',
    })
    return { status, stdout, stderr }
  }

  test.each(['ftp', 'ftpd'])('%s has its version, its help and the licences of its libraries', (name) => {
    const { version } = JSON.parse(
      readFileSync(new URL('../packages/cli/package.json', import.meta.url), 'utf8'),
    ) as { version: string }
    expect(run(name, ['--version'])).toMatchObject({ status: 0, stderr: '' })
    expect(run(name, ['--version']).stdout).toContain(version)
    expect(run(name, ['--help']).stdout).toContain('--limit-rate')
    expect(readFileSync(join(folder, `${name}.LICENCES.md`), 'utf8')).toContain('# commander ')
  })

  test.each([
    ['two worker threads', '2'],
    ['the event loop', '0'],
  ])('move a large file, with %s on the server, by a digest that is native elsewhere', async (_, workers) => {
    const daemon = await DaemonProcess.start(scratch.remote, ['--workers', workers], {
      executable: join(folder, 'ftpd'),
    })
    try {
      // From 4 MiB on, a thread reads the file.
      const content = Buffer.alloc(9_000_000, `jftp ${workers}`)
      writeFileSync(join(scratch.local, 'large'), content)
      const put = run('ftp', ['put', 'large', `${daemon.url}/`])
      expect(put).toMatchObject({ status: 0, stderr: expect.stringContaining('md5 verified') })
      const get = run('ftp', ['get', '--digest', 'blake3', `${daemon.url}/large`, '-o', 'back'])
      expect(get).toMatchObject({ status: 0, stderr: expect.stringContaining('blake3 verified') })
      expect(get.stderr).not.toContain('Warning')
      expect(content.equals(readFileSync(join(scratch.local, 'back')))).toBe(true)
    } finally {
      await daemon.stop()
    }
  })

  test('ftp reads commands from stdin', () => {
    expect(run('ftp', ['--json'], 'lpwd\n').stdout).toContain(`"path":"${scratch.local}"`)
  })

  test('ftp share starts the ftpd that lies beside it', () => {
    writeFileSync(join(scratch.local, 'shared'), 'shared')
    const { stdout, stderr } = run('ftp', ['share', 'shared', '--host', '127.0.0.1', '--time-limit', '1'])
    expect(`${stdout}${stderr}`).toContain('jftp get --pin sha256:')
  })

  test('ftpd makes a certificate', () => {
    expect(run('ftpd', ['fingerprint'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/),
    })
  })
})
