import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cleanEnvironment, ftp } from './ftp-process.js'
import { ScratchFolder } from './scratch-folder.js'

/* What ftp keeps of the compiled program for its next start. */

const cli = fileURLToPath(new URL('../packages/cli/', import.meta.url))
const isRoot = process.geteuid?.() === 0

let scratch: ScratchFolder
let env: NodeJS.ProcessEnv

beforeEach(() => {
  scratch = new ScratchFolder()
  env = { XDG_CACHE_HOME: join(scratch.path, 'cache') }
})
afterEach(() => scratch[Symbol.dispose]())

describe('the compiled program', () => {
  test('is kept, used by the next command, and grows with each other command', async () => {
    await run('lpwd')
    expect(commandsIn(kept())).toEqual(['lpwd'])
    const { ino } = statSync(kept())
    await run('lpwd')
    expect(statSync(kept()).ino).toBe(ino)
    await run('version')
    expect(commandsIn(kept())).toEqual(['lpwd', 'version'])
    expect(statSync(kept()).mode & 0o777).toBe(0o600)
  })

  test.each<[string, (content: Buffer) => Buffer]>([
    ['empty', () => Buffer.alloc(0)],
    ['cut', (content) => content.subarray(0, -100)],
    ['changed in the middle', (content) => content.fill(0xff, content.length / 2, content.length / 2 + 64)],
    ['something else', () => Buffer.from('null\n')],
    ['without code', (content) => content.subarray(0, content.indexOf('\n') + 1)],
  ])('is not used and is written anew if the file is %s', async (_, change) => {
    await run('lpwd')
    const good = readFileSync(kept())
    writeFileSync(kept(), change(Buffer.from(good)))
    await run('lpwd')
    await expectUsed()
  })

  test('is not used if V8 refuses it', async () => {
    await run('lpwd')
    const { ino } = statSync(kept())
    // V8 refuses code that was compiled with other flags.
    env['NODE_OPTIONS'] = '--stack-trace-limit=20'
    await run('lpwd')
    expect(statSync(kept()).ino).not.toBe(ino)
    await expectUsed()
  })

  test('is not used by another program of the same length', async () => {
    const wrong = ['nonsense', '-l']
    expect((await ftp(wrong, { env })).stderr).toContain("'help' lists them")
    expect(existsSync(kept())).toBe(true)
    const other = join(scratch.path, 'other')
    cpSync(join(cli, 'bundle'), join(other, 'bundle'), { recursive: true })
    cpSync(join(cli, 'package.json'), join(other, 'package.json'))
    const core = join(other, 'bundle', 'core.cjs')
    writeFileSync(core, readFileSync(core, 'utf8').replaceAll("'help' lists them", "'HELP' LISTS THEM"))
    const args = [join(other, 'bundle', 'ftp.cjs'), ...wrong]
    const { stderr } = spawnSync(process.execPath, args, { env: cleanEnvironment(env), encoding: 'utf8' })
    expect(stderr).toContain("'HELP' LISTS THEM")
  })

  test('is not used if others may write the file', async () => {
    await run('lpwd')
    const { ino } = statSync(kept())
    chmodSync(kept(), 0o622)
    await run('lpwd')
    expect(statSync(kept()).ino).not.toBe(ino)
    await expectUsed()
  })

  test.runIf(isRoot)('is not used if the file is that of another user', async () => {
    await run('lpwd')
    const { ino } = statSync(kept())
    chownSync(kept(), 65534, 65534)
    await run('lpwd')
    expect(statSync(kept()).ino).not.toBe(ino)
    await expectUsed()
  })

  test('is whole if many commands write it at once', async () => {
    await Promise.all(['lpwd', 'version', 'lls', 'lpwd', 'version', 'lls'].map(run))
    expect(readdirSync(dirname(kept()))).toHaveLength(1)
    const [command = ''] = commandsIn(kept())
    const { ino } = statSync(kept())
    await run(command)
    expect(statSync(kept()).ino).toBe(ino)
  })

  test('is not kept where nothing can be written, nor in a home folder that is not there', async () => {
    const file = join(scratch.path, 'file')
    writeFileSync(file, '')
    env = { XDG_CACHE_HOME: join(file, 'cache') }
    await run('lpwd')
    const home = join(scratch.path, 'home')
    env = { XDG_CACHE_HOME: '', HOME: home }
    await run('lpwd')
    expect(existsSync(home)).toBe(false)
    mkdirSync(home)
    await run('lpwd')
    expect(readdirSync(join(home, '.cache', 'jftp'))).toHaveLength(1)
  })

  test('is not kept if the user does not want it', async () => {
    env['NODE_DISABLE_COMPILE_CACHE'] = '1'
    await run('lpwd')
    expect(existsSync(join(scratch.path, 'cache'))).toBe(false)
  })
})

async function run(command: string): Promise<void> {
  const { exitCode, stderr } = await ftp([command], { env, cwd: scratch.path })
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
}

/** The file is as good as new: the next command finds in it what it needs. */
async function expectUsed(): Promise<void> {
  expect(commandsIn(kept())).toEqual(['lpwd'])
  const { ino } = statSync(kept())
  await run('lpwd')
  expect(statSync(kept()).ino).toBe(ino)
}

function kept(): string {
  const folder = join(scratch.path, 'cache', 'jftp')
  return join(folder, readdirSync(folder)[0] ?? '')
}

function commandsIn(path: string): string[] {
  const [head = ''] = readFileSync(path, 'latin1').split('\n', 1)
  return (JSON.parse(head) as { commands: string[] }).commands
}
