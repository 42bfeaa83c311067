import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { ftp } from './ftp-process.js'
import { daemon, scratch, serveScratch } from './served-scratch.js'

serveScratch(() => {
  mkdirSync(join(scratch.remote, 'releases'))
  writeFileSync(join(scratch.remote, 'releases/small'), 'x'.repeat(10))
})

test('the server of a URL wins over $FTP_URL, whatever that is', async () => {
  await using other = await DaemonProcess.start(scratch.local)
  writeFileSync(join(scratch.local, 'here'), 'here')
  for (const FTP_URL of [`${daemon.url}/releases`, 'no URL at all']) {
    const end = await ftp(['ls', `${other.url}/here`], { env: { FTP_URL } })
    expect(end).toMatchObject({ exitCode: 0, stdout: '/here\n', stderr: '' })
  }
  const env = { FTP_URL: `${daemon.url}/releases` }
  const mixed = await ftp(['mv', 'small', `${other.url}/small`], { env })
  expect(mixed).toMatchObject({ exitCode: 2, stdout: '' })
})

test('a server is written in the same ways everywhere', async () => {
  const place = `${daemon.url.replace('jftp://', '')}/releases`
  const answers = [
    ftp(['--url', place, 'pwd']),
    ftp(['pwd'], { env: { FTP_URL: place } }),
    ftp(['-q', '-c', 'pwd', place]),
    ftp(['-q', '-c', 'pwd'], { env: { FTP_URL: place } }),
    ftp(['-q', '-c', `open ${place}; pwd`]),
  ]
  for (const { stdout, stderr } of await Promise.all(answers)) {
    expect({ stdout, stderr }).toEqual({ stdout: '/releases\n', stderr: '' })
  }
})

test('open tells programs the URL', async () => {
  const { events, exitCode } = await ftp(['--json', '-c', `open ${daemon.url}/releases`, daemon.url])
  expect(exitCode).toBe(0)
  expect(events[0]).toMatchObject({ v: 1, event: 'open', url: `${daemon.url}/releases` })
  expect(events.at(-1)).toMatchObject({ v: 1, event: 'result', exitCode: 0 })
})

test.each<[string, string[]]>([
  ['ftp: ls: not a URL of jftp:', ['ls', 'URL/%00']],
  ["ftp: ls: '..' leads above the root", ['ls', 'URL/../x']],
  ["ftp: ls: '..' leads above the root", ['ls', 'URL/releases/%2e%2e/%2E%2E/etc']],
  ["ftp: get: a name has '..' between backslashes", ['get', 'URL/..%5c..%5cetc']],
])('%s: %j', async (message, args) => {
  const end = await ftp(
    args.map((arg) => arg.replace('URL', daemon.url)),
    { cwd: scratch.local },
  )
  expect(end).toMatchObject({ exitCode: 2, stdout: '' })
  expect(end.stderr).toContain(message)
  expect(end.stderr.trimEnd().split('\n')).toHaveLength(1)
})
