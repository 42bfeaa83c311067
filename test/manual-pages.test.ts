import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ftp } from './ftp-process.js'

const FTP = fileURLToPath(new URL('../packages/cli/man/ftp.1', import.meta.url))
const FTPD = fileURLToPath(new URL('../packages/server/man/ftpd.8', import.meta.url))
const FTPD_PROGRAM = fileURLToPath(new URL('../bin/ftpd.js', import.meta.url))

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

/** The page without the escapes of man(7). */
const textOf = (path: string) =>
  readFileSync(path, 'utf8').replaceAll('\\-', '-').replaceAll('\\(aq', "'").replaceAll('\\fB', '')

/** The help of ftpd or of one of its commands. */
const ftpdHelp = (...command: string[]) =>
  spawnSync(process.execPath, [FTPD_PROGRAM, ...command, '--help'], { encoding: 'utf8' }).stdout

const flagsIn = (help: string) => [...help.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag)

describe.each([
  ['ftp(1)', FTP],
  ['ftpd(8)', FTPD],
])('%s', (_, path) => {
  test.skipIf(!has('groff'))('groff has nothing to warn of', () => {
    const { stderr, stdout, status } = spawnSync('groff', ['-man', '-Tutf8', '-ww', path], {
      encoding: 'utf8',
    })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(stdout).toContain('files')
  })

  test('names each file once', () => {
    const page = textOf(path)
    const files = page.slice(page.indexOf('.SH FILES'), page.indexOf('.SH ', page.indexOf('.SH FILES') + 1))
    const names = [...files.matchAll(/^\.TP\n(.+)$/gm)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(0)
    expect(names).toEqual([...new Set(names)])
  })

  test.skipIf(!has('mandoc'))('mandoc has nothing to warn of', () => {
    const { stdout, status } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', path], {
      encoding: 'utf8',
    })
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 })
  })
})

test('ftp(1) has every command with its flags, and every flag of ftp', async () => {
  const page = textOf(FTP)
  const { stdout: overview } = await ftp(['--help'])
  const rows = overview.slice(overview.indexOf('\ncommands\n'), overview.indexOf('\nflags\n'))
  const names = [...rows.matchAll(/^ {2}(\S+?),? /gm)].map(([, name = '']) => name)
  expect(names).toContain('put')
  for (const flag of flagsIn(overview)) expect(page).toContain(`${flag}`)
  const sections = page.slice(page.indexOf('.SH COMMANDS'), page.indexOf('.SH EXIT STATUS')).split('\n.SS ')
  const { events } = await ftp(['--json', ...names.flatMap((name) => ['-c', `help ${name}`])])
  const helps = events.filter(({ event }) => event === 'help').map(({ text }) => String(text))
  expect(helps).toHaveLength(names.length)
  for (const [index, help] of helps.entries()) {
    const name = names[index]
    const section = sections.find((text) => /^\S+/.exec(text)?.[0] === name)
    for (const flag of flagsIn(help)) expect(section, name).toContain(flag)
    expect(section, name).toContain(/^ {2}.(.*?)(?:;|$)/m.exec(help)?.[1])
  }
})

test('ftpd(8) has every option and every subcommand', () => {
  const page = textOf(FTPD)
  const commands = [
    ...['status', 'kick', 'unban', 'fingerprint', 'check', 'user add', 'user passwd', 'user set'],
    ...['user remove', 'user list', 'token add', 'token list', 'token remove'],
  ]
  const options = page.slice(page.indexOf('.SH OPTIONS'), page.indexOf('.SH COMMANDS'))
  const help = ftpdHelp()
  for (const flag of flagsIn(help)) if (flag !== '--help') expect(options).toContain(flag)
  for (const name of commands) {
    expect(help, name).toContain(`ftpd ${name.split(' ')[0]} --help`)
    const [, section = ''] = page.split(`.SS ftpd ${name} `)
    expect(section, name).not.toBe('')
    const own = section.split('\n.SS ')[0]
    const known = name === 'check' ? ['--json'] : flagsIn(ftpdHelp(...name.split(' ')))
    expect(known.length, name).toBeGreaterThan(0)
    for (const flag of known) if (flag !== '--help') expect(own, name).toContain(flag)
  }
})

test('nothing of the machine that made the pages is in them', () => {
  const page = textOf(FTPD)
  expect(page).toContain('$XDG_CONFIG_HOME/jftp/users.json')
  expect(page).not.toContain(process.env['HOME'] ?? '/root')
})
