import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { ftp } from './ftp-process.js'
import { daemon, remote, scratch, serveScratch } from './served-scratch.js'

/* `edit` where there is no terminal. The tests of the shell have one. */

serveScratch()

const temporary = () => join(scratch.path, 'temporary')

beforeEach(() => {
  rmSync(temporary(), { recursive: true, force: true })
  rmSync(remote('new'), { force: true })
  mkdirSync(temporary())
  writeFileSync(remote('file'), 'one\n')
})

/** Runs `ftp` with a script as the editor; `$1` is what it edits. */
function edit(script: string, args: readonly string[] = ['edit', 'file'], input = '') {
  const editor = join(scratch.path, 'editor')
  writeFileSync(editor, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const env = { VISUAL: '', EDITOR: script === '' ? '' : editor, TMPDIR: temporary() }
  return ftp(['--url', daemon.url, ...args], { env, cwd: scratch.local, input })
}

/** The copies that are kept for their user. */
const kept = () => readdirSync(temporary()).map((folder) => join(temporary(), folder))
const stored = () => readFileSync(remote('file'), 'utf8')

test('what an editor has written is stored, and no copy stays', async () => {
  expect(await edit('echo two >> "$1"')).toEqual(
    expect.objectContaining({ exitCode: 0, stdout: '', stderr: 'stored /file\n' }),
  )
  expect(stored()).toBe('one\ntwo\n')
  expect(kept()).toEqual([])
})

test('a file that is not there is made, unless nothing was written', async () => {
  expect(await edit(':', ['edit', 'new'])).toMatchObject({ exitCode: 0, stderr: 'nothing was changed\n' })
  expect(existsSync(remote('new'))).toBe(false)
  expect(await edit('echo text > "$1"', ['edit', 'new'])).toMatchObject({ exitCode: 0 })
  expect(readFileSync(remote('new'), 'utf8')).toBe('text\n')
})

test('a file that was not changed is not stored again', async () => {
  const { ino } = statSync(remote('file'))
  expect(await edit('touch "$1"')).toMatchObject({ exitCode: 0, stderr: 'nothing was changed\n' })
  expect(statSync(remote('file')).ino).toBe(ino)
  expect(kept()).toEqual([])
})

describe('nothing is stored', () => {
  test('if the editor fails, and what it wrote is kept', async () => {
    const { exitCode, stderr } = await edit('echo two >> "$1"; exit 3')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/has ended with 3, so nothing was stored; your copy is .*\/file\n$/)
    expect(stored()).toBe('one\n')
    const [folder = ''] = kept()
    expect(stderr).toContain(folder)
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('one\ntwo\n')
  })

  test('if the editor fails without having written anything, and no copy stays', async () => {
    expect(await edit('exit 3')).toMatchObject({
      exitCode: 1,
      stderr: expect.not.stringContaining('your copy'),
    })
    expect(stored()).toBe('one\n')
    expect(kept()).toEqual([])
  })

  test('if there is no such editor', async () => {
    const env = { EDITOR: '/nowhere/editor', VISUAL: '', TMPDIR: temporary() }
    const end = await ftp(['edit', `${daemon.url}/file`], { env })
    expect(end).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('/nowhere/editor has ended with 127'),
    })
    expect(kept()).toEqual([])
  })

  test('if the editor removes the file', async () => {
    const { exitCode, stderr } = await edit('rm "$1"')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^ftp: edit: .*editor has removed what it was to edit, so nothing was stored\n$/)
    expect(stored()).toBe('one\n')
    expect(kept()).toEqual([])
  })

  test('if somebody else was faster, and what the editor wrote is kept', async () => {
    const { exitCode, stderr } = await edit(`echo two >> "$1"; echo theirs >> '${remote('file')}'`)
    expect(exitCode).toBe(7)
    expect(stderr).toMatch(/somebody has changed it meanwhile; your copy is /)
    expect(stored()).toBe('one\ntheirs\n')
    expect(readFileSync(join(kept()[0] ?? '', 'file'), 'utf8')).toBe('one\ntwo\n')
  })

  test('if nobody has chosen an editor, because the default one needs a terminal', async () => {
    expect(await edit('')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('vi needs a terminal; set $EDITOR'),
    })
  })
})

test('the editor reads none of the commands that come from stdin', async () => {
  const end = await edit('cat >> "$1"; echo two >> "$1"', [], 'edit file\npwd\n')
  expect(end).toMatchObject({ exitCode: 0, stdout: '/\n' })
  expect(stored()).toBe('one\ntwo\n')
})

test('with --json the editor prints on stderr', async () => {
  const end = await edit('echo from the editor; echo two >> "$1"', ['--json', 'edit', 'file'])
  expect(end.events.map(({ event }) => event)).toEqual(['result'])
  expect(end.stderr).toContain('from the editor')
})
