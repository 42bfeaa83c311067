import { defineCommand } from './command.js'

export const ping = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'URL', takes: 'maybe', kinds: [['url']] }],
  flags: {},
  async run({ remote, output, signal }, [url]) {
    const { client } = await remote.resolve(url ?? '.', signal)
    const ms = await client.ping({ signal })
    await output.answer(`${ms.toFixed(1)} ms`)
    await output.event({ v: 1, event: 'ping', ms: Number(ms.toFixed(3)) })
  },
})
