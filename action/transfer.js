import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, mkdirSync } from 'node:fs'
import { constants } from 'node:os'
import { createInterface } from 'node:readline'

/*
 * Runs one command of ftp with --json, counts what its events tell, and writes outputs and a summary for the runner.
 * The inputs of action.yml come as variables.
 */

const { env } = process
const command = env.JFTP_COMMAND || 'put'
const url = withScheme(env.JFTP_URL ?? '')

/** So many files are listed in the summary. */
const MAX_ROWS = 100

const sources = linesOf(env.JFTP_SOURCES)
const isGet = ['get', 'mget', 'reget'].includes(command)
const isPut = ['put', 'mput', 'reput'].includes(command)
/** A command about two trees, of which the first is here. */
const isTreeFromHere =
  ['sync', 'mirror', 'diff', 'check'].includes(command) && !/^(?::|jftps?:)/.test(sources[0] ?? '')

const counts = { uploaded: 0, downloaded: 0, skipped: 0, failed: 0, bytes: 0 }
const rows = []
const errors = []

maskSecrets()
const startedAt = performance.now()
const exitCode = await runFtp().catch((error) => {
  errors.push(error.message)
  return 1
})
for (const message of errors) process.stdout.write(`::error title=ftp ${command}::${escapedData(message)}\n`)
writeOutputs()
writeSummary()
process.exitCode = exitCode

/** What is masked never shows in the log, whoever prints it. */
function maskSecrets() {
  for (const line of [...linesOf(env.JFTP_TOKEN), ...linesOf(env.JFTP_PASSWORD)]) {
    process.stdout.write(`::add-mask::${escapedData(line)}\n`)
  }
}

async function runFtp() {
  const args = [command, '--json', '--progress', 'none', '--no-input', '--url', url, ...readArguments()]
  const [program, ...before] = /\.[cm]?js$/.test(env.JFTP_EXECUTABLE)
    ? [process.execPath, env.JFTP_EXECUTABLE]
    : [env.JFTP_EXECUTABLE]
  // Names come from the server and from folders. A line that begins like a command of the runner must not be one.
  const stop = randomUUID()
  process.stdout.write(`::stop-commands::${stop}\n`)
  try {
    const child = spawn(program, [...before, ...args], {
      env: ftpEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // The runner sends them if the job is cancelled. ftp stops what it does, tells of it and ends.
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
    child.stderr.pipe(process.stdout, { end: false })
    createInterface({ input: child.stdout }).on('line', readLine)
    // If it can't be started, this rejects.
    const [code, signal] = await once(child, 'close')
    return code ?? 128 + constants.signals[signal]
  } catch (cause) {
    throw new Error(`can't run ${env.JFTP_EXECUTABLE}: ${cause.message}`, { cause })
  } finally {
    process.stdout.write(`::${stop}::\n`)
  }
}

/** Counts a record of ftp. What is none belongs in the log. */
function readLine(line) {
  let event
  try {
    event = JSON.parse(line)
  } catch {
    process.stdout.write(`${line}\n`)
    return
  }
  count(event)
}

/** Secrets are given in the environment, because everybody on the machine can see arguments. */
function ftpEnvironment() {
  const { JFTP_USER, JFTP_TOKEN, JFTP_PASSWORD, JFTP_PIN, ...others } = env
  const given = { FTP_USER: JFTP_USER, FTP_TOKEN: JFTP_TOKEN, FTP_PASSWORD: JFTP_PASSWORD, FTP_PIN: JFTP_PIN }
  return { ...others, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value)) }
}

function readArguments() {
  const target = env.JFTP_TARGET ?? ''
  const flags = words(env.JFTP_FLAGS ?? '')
  if (isGet && target === '') return [...flags, '--', ...sources]
  if (isGet) {
    makeFolder(target)
    return [...flags, '--output-folder', target, '--', ...sources]
  }
  if (isPut || isTreeFromHere) return [...flags, '--', ...sources, remoteTarget(target)]
  return [...flags, '--', ...sources, ...(target === '' ? [] : [target])]
}

function makeFolder(path) {
  try {
    mkdirSync(path, { recursive: true })
  } catch (cause) {
    throw new Error(`can't make the folder ${path}: ${cause.message}`, { cause })
  }
}

/** A URL, so that nothing can be taken for a local name. */
function remoteTarget(target) {
  if (target === '') return url
  // The slash keeps the target out of the name of the server, also if `url` has none. Two slashes mean the same as one.
  return `${url}/${target.split('/').map(encodeURIComponent).join('/')}`
}

/** ftp takes a server without a scheme too, but only behind --url. */
function withScheme(server) {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(server) ? server : `jftp://${server}`
}

function linesOf(text = '') {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return lines.filter((line) => line !== '')
}

/** Words as a shell reads them, without its expansions. */
function words(text) {
  return [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single),
  )
}

function count(event) {
  if (event.event === 'error') {
    errors.push(
      event.path === undefined || event.message.includes(event.path)
        ? event.message
        : `${event.path}: ${event.message}`,
    )
  }
  if (event.event !== 'transfer') return
  switch (event.status) {
    case 'sent':
    case 'received':
    case 'resumed':
      counts[isPut || isTreeFromHere ? 'uploaded' : 'downloaded']++
      counts.bytes += event.bytes
      break
    case 'failed':
      counts.failed++
      break
    default:
      counts.skipped++
  }
  if (rows.length < MAX_ROWS) rows.push(event)
}

function writeOutputs() {
  if (!env.GITHUB_OUTPUT) return
  const lines = Object.entries(counts).map(([name, value]) => `${name}=${value}\n`)
  appendFileSync(env.GITHUB_OUTPUT, lines.join(''))
}

function writeSummary() {
  if (!env.GITHUB_STEP_SUMMARY) return
  const { uploaded, downloaded, skipped, failed, bytes } = counts
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const server = url.replace(/\/\/[^/]*@/, '//')
  const moved = uploaded + downloaded + skipped + failed
  const lines = [
    `### ${exitCode === 0 ? '✅' : '❌'} ftp ${code(command)} · ${code(server)}`,
    '',
    '| sent | received | skipped | failed | bytes | time |',
    '| ---: | ---: | ---: | ---: | ---: | ---: |',
    `| ${uploaded} | ${downloaded} | ${skipped} | ${failed} | ${bytes} | ${seconds} s |`,
    '',
    ...errors.slice(0, MAX_ROWS).map((message) => `- ${code(message)}`),
  ]
  if (rows.length > 0) {
    const more = moved > rows.length ? `, of which ${rows.length} are listed` : ''
    lines.push(
      '',
      `<details><summary>${moved} files${more}</summary>`,
      '',
      '| file | status | bytes | digest |',
      '| :--- | :--- | ---: | :--- |',
      ...rows.map(
        ({ path, status, bytes: size, digest }) =>
          `| ${code(path)} | ${status} | ${size} | ${digest === undefined ? '' : code(`${digest.alg} ${digest.hex}`)} |`,
      ),
      '',
      '</details>',
    )
  }
  appendFileSync(env.GITHUB_STEP_SUMMARY, `${lines.join('\n')}\n`)
}

/** Text of which nothing is taken for Markdown or HTML. */
function code(text) {
  const safe = text.replace(/[^\p{L}\p{N} /.-]/gu, (character) => `&#${character.codePointAt(0)};`)
  return `<code>${safe}</code>`
}

/** Text in a command of the runner. */
function escapedData(text) {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
