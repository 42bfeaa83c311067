import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

/*
 * The manual pages are made from the same tables as --help. Each package that has commands describes its page in
 * scripts/manual.js; this file turns the description into the language of man(7) and stores it.
 */

/** Writes a page, and for each other name of the program a page that shows the same. */
export function writeManual(folder, page, { aliases = [] } = {}) {
  mkdirSync(folder, { recursive: true })
  const { name, section } = page
  writeFileSync(new URL(`${name}.${section}`, folder), roff(page))
  for (const alias of aliases)
    writeFileSync(new URL(`${alias}.${section}`, folder), `.so man${section}/${name}.${section}\n`)
}

/** The version in a package's manifest. */
export function versionIn(manifest) {
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}

/**
 * A page. `parts` are its sections after NAME, each a list of blocks:
 *
 *     { type: 'text', text }             a paragraph
 *     { type: 'lines', lines }           lines that stay as they are
 *     { type: 'item', term, text }       a term and what it means
 *     { type: 'heading', text }          a heading inside the section
 */
function roff({ name, section, summary, version, parts }) {
  const lines = [
    `.TH ${name.toUpperCase()} ${section} ${date()} "jftp ${version}" "jftp"`,
    // Long words such as URLs are neither spread over the line nor divided.
    '.ad l',
    '.nh',
    '.SH NAME',
    escaped(`${name} - ${summary}`),
    ...parts.flatMap(({ title, blocks }) => [`.SH ${title}`, ...blocks.flatMap(linesOf)]),
  ]
  // The first paragraph of a section needs no beginning.
  const needed = lines.filter((line, index) => line !== '.PP' || !/^\.S[HS] /.test(lines[index - 1]))
  return `${needed.join('\n')}\n`
}

/** Today, or the day that a reproducible build says. */
function date() {
  const seconds = process.env.SOURCE_DATE_EPOCH
  return (seconds ? new Date(seconds * 1000) : new Date()).toISOString().slice(0, 10)
}

function linesOf(block) {
  switch (block.type) {
    case 'text':
      return ['.PP', escaped(block.text)]
    case 'lines':
      return ['.PP', '.RS 4', '.nf', ...block.lines.map(escaped), '.fi', '.RE']
    case 'item':
      return ['.TP', `\\fB${escaped(block.term)}\\fR`, escaped(block.text)]
    case 'heading':
      return [`.SS ${escaped(block.text)}`]
  }
}

/** Characters that man(7) would take for commands or would print as other ones. */
const ESCAPES = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '…': '...',
  '·': '\\(pc',
}

function escaped(text) {
  const safe = text.replace(/[\\\-'"`^~…·]/g, (character) => ESCAPES[character])
  const ascii = safe.replace(/[^\n -~]/gu, (character) => {
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
    return `\\[u${code}]`
  })
  // A full stop at the beginning of a line would be a command.
  return ascii.replace(/^\./gm, '\\&.')
}
