import { DIGEST_ALGORITHMS, type Digest } from '@jftp/protocol'
import { type CommandRow, findRow, namesOf, requireRow } from './command-row.js'
// These are used most, and to find and load a file of their own would take longer than to load them with the others.
import { get, reget } from './get.js'
import { put, reput } from './put.js'

const DIGESTS = DIGEST_ALGORITHMS.filter((name): name is Digest['alg'] => name !== 'none')

/** Every command there is, in the order of the overview. */
export const COMMAND_ROWS: readonly CommandRow[] = [
  row('open', [], 'connect to a server', async () => (await import('./open.js')).open),
  row('close', [], 'end the connection', async () => (await import('./close.js')).close),
  row('user', ['login'], 'log in as a user', async () => (await import('./user.js')).user),
  row('ls', ['dir'], 'list remote folders and files', async () => (await import('./ls.js')).ls),
  row('find', [], 'list whole trees of remote files', async () => (await import('./find.js')).find),
  row('stat', [], 'show all that is known of a remote file', async () => (await import('./stat.js')).stat),
  row('cd', [], 'change the remote folder', async () => (await import('./cd.js')).cd),
  row('pwd', [], 'print the remote folder', async () => (await import('./pwd.js')).pwd),
  row('lcd', [], 'change the local folder', async () => (await import('./lcd.js')).lcd),
  row('lpwd', [], 'print the local folder', async () => (await import('./lpwd.js')).lpwd),
  row('lls', [], 'list a local folder', async () => (await import('./lls.js')).lls),
  row('lmkdir', [], 'make local folders', async () => (await import('./lmkdir.js')).lmkdir),
  row('get', ['mget'], 'fetch files', () => Promise.resolve(get)),
  row('reget', [], 'fetch files as get -c does: go on with what was cut', () => Promise.resolve(reget)),
  row('put', ['mput'], 'store files', () => Promise.resolve(put)),
  row('reput', [], 'store files as put -c does: go on with what was cut', () => Promise.resolve(reput)),
  row('sync', ['mirror'], 'make one folder like another', async () => (await import('./sync.js')).sync),
  row('diff', ['check'], 'compare two folders by digest', async () => (await import('./diff.js')).diff),
  row('mkdir', [], 'make remote folders', async () => (await import('./mkdir.js')).mkdir),
  row('rm', [], 'remove remote files', async () => (await import('./rm.js')).rm),
  row('rmdir', [], 'remove empty remote folders', async () => (await import('./rmdir.js')).rmdir),
  row('mv', ['rename'], 'move or rename on the server', async () => (await import('./mv.js')).mv),
  row('cp', ['copy'], 'copy on the server', async () => (await import('./cp.js')).cp),
  row('chmod', [], 'set permission bits', async () => (await import('./chmod.js')).chmod),
  row('touch', [], 'set times, or make empty files', async () => (await import('./touch.js')).touch),
  row('cat', [], 'print remote files', async () => (await import('./cat.js')).cat),
  row('more', [], 'show remote files page by page', async () => (await import('./more.js')).more),
  row('edit', [], 'change a remote file in an editor', async () => (await import('./edit.js')).edit),
  ...DIGESTS.map((name) =>
    row(name, [], `print ${name} digests`, async () => (await import('./hash.js')).hashCommand(name)),
  ),
  row('hash', [], 'print digests', async () => (await import('./hash.js')).hashCommand()),
  row('du', [], 'add up what folders take', async () => (await import('./du.js')).du),
  row('df', [], 'show how much room there is', async () => (await import('./df.js')).df),
  row('exec', [], 'run a program of the server', async () => (await import('./exec.js')).exec),
  row('share', [], 'let somebody fetch files once', async () => (await import('./share.js')).share),
  row(
    'receive',
    [],
    'let somebody store files here once',
    async () => (await import('./receive.js')).receive,
  ),
  row('source', ['run'], 'run the commands in a file', async () => (await import('./source.js')).source),
  row('set', [], 'show or change settings', async () => (await import('./set.js')).set),
  row('alias', [], 'give a name to commands', async () => (await import('./alias.js')).alias),
  row(
    'bookmark',
    [],
    'give a name to a server and a folder',
    async () => (await import('./bookmark.js')).bookmark,
  ),
  row('history', [], 'print the lines typed so far', async () => (await import('./history.js')).history),
  row('jobs', [], 'list what runs in the background', async () => (await import('./jobs.js')).jobs),
  row('fg', [], 'wait for a job and show what it prints', async () => (await import('./jobs.js')).fg),
  row('wait', [], 'wait for jobs', async () => (await import('./jobs.js')).wait),
  row('kill', [], 'stop a job', async () => (await import('./jobs.js')).kill),
  row('ping', [], 'measure the time to the server and back', async () => (await import('./ping.js')).ping),
  row('help', ['?'], 'explain a command', async () => (await import('./help.js')).helpFor(COMMAND_ROWS)),
  row('completion', [], 'print what makes Tab complete in bash, zsh or fish', async () =>
    (await import('./completion.js')).completionFor(COMMAND_ROWS),
  ),
  row('version', [], 'print the version', async () => (await import('./version.js')).version),
  row('exit', ['quit', 'bye'], 'leave the shell', async () => (await import('./exit.js')).exit),
]

/** The row of a name or an alias. */
export function findCommand(name: string): CommandRow | undefined {
  return findRow(COMMAND_ROWS, name)
}

/** The row of a name or an alias. Throws a usage error with the name that was probably meant. */
export function requireCommand(name: string): CommandRow {
  return requireRow(COMMAND_ROWS, name)
}

/** All names and aliases. */
export function commandNames(): string[] {
  return namesOf(COMMAND_ROWS)
}

function row(
  name: string,
  aliases: readonly string[],
  summary: string,
  load: CommandRow['load'],
): CommandRow {
  return { name, aliases, summary, load }
}
