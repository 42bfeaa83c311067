import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { inject } from 'postject'
import { rolldown } from 'rolldown'
import { licences } from '../licences.js'

/*
 * Makes `ftp` and `ftpd` as single files that hold Node as well, for machines without Node:
 *
 *     node deploy/build-executables.js FOLDER [ftp|ftpd]
 *
 * They run on the same kind of system as the Node that made them. Native code can't be in such a file, so blake3 is
 * computed by WebAssembly.
 */

/** What begins the program when all of it is loaded. */
const STARTS = {
  ftp: 'void exports.runFtp(process.argv.slice(2)).then(process.exit)',
  ftpd: `void exports.runFtpd(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode
  setTimeout(() => process.exit(), 1000).unref()
})`,
}

const ENTRIES = {
  ftp: 'packages/cli/dist/invocation/run-ftp.js',
  ftpd: 'packages/server/dist/cli/run.js',
}

const FINDS_FTPD = "return [process.execPath, createRequire(import.meta.url).resolve('@jftp/server/cli')];"
const FINDS_FTPD_BESIDE = `const beside = process.execPath.replace(/[^/]*$/, 'ftpd')
        if (existsSync(beside)) return [beside]
        throw new Error('there is no ftpd beside it')`

/** How Node finds out that its program is in its own file. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** Whoever uses native code does without it if it can't be loaded. */
const withoutNativeCode = {
  name: 'without-native-code',
  resolveId: (id) => (id === '@napi-rs/blake-hash' ? `\0${id}` : undefined),
  load: (id) => (id === '\0@napi-rs/blake-hash' ? "throw new Error('it is native code')" : undefined),
}

const [folder, ...names] = process.argv.slice(2)
if (folder === undefined || names.some((name) => !(name in ENTRIES))) {
  console.error('usage: node deploy/build-executables.js FOLDER [ftp|ftpd]')
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
for (const name of names.length > 0 ? names : Object.keys(ENTRIES))
  await build(name, join(resolve(folder), name))

async function build(name, executable) {
  const temporary = mkdtempSync(join(tmpdir(), 'jftp-executable-'))
  try {
    const main = join(temporary, 'main.cjs')
    const output = join(temporary, 'blob')
    const config = join(temporary, 'config.json')
    const { code, licenceTexts } = await bundle(ENTRIES[name], 'cjs', await workers())
    writeFileSync(main, `${code}\n${STARTS[name]}\n`)
    writeFileSync(`${executable}.LICENCES.md`, licenceTexts)
    // Compiled code is kept in it, which makes it start faster.
    const settings = { main, output, disableExperimentalSEAWarning: true, useCodeCache: true }
    writeFileSync(config, JSON.stringify(settings))
    execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: 'pipe' })
    copyFileSync(process.execPath, executable)
    chmodSync(executable, 0o755)
    await inject(executable, 'NODE_SEA_BLOB', readFileSync(output), { sentinelFuse: FUSE })
  } finally {
    rmSync(temporary, { recursive: true })
  }
}

/** The programs of the threads, as URLs that hold them, by what the code says in their place. */
async function workers() {
  const urlOf = async (path) => {
    const { code } = await bundle(path, 'es', {})
    return `new URL('data:text/javascript;base64,${Buffer.from(code).toString('base64')}')`
  }
  return {
    "new URL('./transfer-worker.js', import.meta.url)": await urlOf(
      'packages/transfer/dist/transfer-worker.js',
    ),
    "new URL('./thread-main.js', import.meta.url)": await urlOf(
      'packages/socketserver/dist/threads/thread-main.js',
    ),
  }
}

/** A program as one script, which loads no other file: what is loaded by its URL is put into it. */
async function bundle(entry, format, replacements) {
  const build = await rolldown({
    input: absolute(entry),
    platform: 'node',
    checks: { ineffectiveDynamicImport: false, eval: false },
    plugins: [withoutNativeCode, embedding(replacements), licences],
  })
  const { output } = await build.generate({ format, codeSplitting: false, dynamicImportInCjs: false })
  await build.close()
  return { code: output[0].code, licenceTexts: output.find(({ type }) => type === 'asset').source }
}

function embedding(replacements) {
  const handler = absolute('packages/server/dist/ftp-request-handler.js')
  return {
    name: 'embedding',
    transform(code, id) {
      const all = {
        ...replacements,
        "readFileSync(new URL('../package.json', import.meta.url), 'utf8')": () =>
          JSON.stringify(readFileSync(join(id, '../../package.json'), 'utf8')),
        // Only one handler is ever loaded.
        'import(source.href)': () => `import(${JSON.stringify(handler)})`,
        "new URL('./ftp-request-handler.js', import.meta.url)": () => `new URL('${pathToFileURL('/ftpd')}')`,
      }
      // An ftp that shares files starts the ftpd beside it.
      if (code.includes(FINDS_FTPD)) {
        return `import { existsSync } from 'node:fs'\n${code.replace(FINDS_FTPD, FINDS_FTPD_BESIDE)}`
      }
      return Object.entries(all).reduce((text, [from, to]) => text.replace(from, to), code)
    },
  }
}

function absolute(path) {
  return fileURLToPath(new URL(`../${path}`, import.meta.url))
}
