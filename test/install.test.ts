import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { cleanEnvironment } from './ftp-process.js'
import { ScratchFolder } from './scratch-folder.js'

/** The tarballs of all packages, installed together as the README says. */
let scratch: ScratchFolder
let prefix: string

const repository = fileURLToPath(new URL('..', import.meta.url))

const installed = (command: string) => join(prefix, 'bin', command)

beforeAll(() => {
  scratch = new ScratchFolder()
  const tarballs = join(scratch.path, 'tarballs')
  prefix = join(scratch.path, 'prefix')
  mkdirSync(tarballs)
  run('npx', ['--yes', 'pnpm@10', '--filter', './packages/*', 'pack', '--pack-destination', tarballs])
  const paths = readdirSync(tarballs).map((name) => join(tarballs, name))
  run('npm', ['install', '--global', '--no-audit', '--no-fund', '--prefix', prefix, ...paths])
})

afterAll(() => scratch[Symbol.dispose]())

test.each(['ftp', 'jftp', 'ftpd', 'jftpd'])('%s is on the PATH', (name) => {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
  const { stdout } = spawnSync(installed(name), ['--version'], { encoding: 'utf8' })
  expect(stdout).toContain(version)
})

test.each(['man1/ftp.1', 'man1/jftp.1', 'man8/ftpd.8', 'man8/jftpd.8'])('%s is where man looks', (name) => {
  const page = readFileSync(join(prefix, 'share', 'man', name), 'utf8')
  const source = /^\.so (.*)/.exec(page)?.[1]
  if (source === undefined) expect(page).toMatch(/^\.TH FTPD? /)
  else expect(existsSync(join(prefix, 'share', 'man', source))).toBe(true)
})

test('the installed ftp stores a file on the installed ftpd, from a thread too', async () => {
  const daemon = await DaemonProcess.start(scratch.remote, ['--workers', '1'], {
    executable: installed('ftpd'),
  })
  try {
    const content = Buffer.alloc(9_000_000, 'jftp')
    writeFileSync(join(scratch.local, 'large.bin'), content)
    const { status, stderr } = spawnSync(installed('ftp'), ['put', 'large.bin', `${daemon.url}/`], {
      cwd: scratch.local,
      env: cleanEnvironment(),
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('md5 verified') })
    expect(content.equals(readFileSync(join(scratch.remote, 'large.bin')))).toBe(true)
  } finally {
    await daemon.stop()
  }
})

test('the library is there as well', () => {
  const code = "const { connect } = await import('@jftp/client'); console.log(typeof connect)"
  const stdout = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(prefix, 'lib'),
    encoding: 'utf8',
  })
  expect(stdout).toBe('function\n')
})

function run(program: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: repository, encoding: 'utf8' })
  expect(status, `${stdout}${stderr}`).toBe(0)
}
