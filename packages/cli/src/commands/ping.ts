import { defineCommand } from './command.js'

export const ping = defineCommand({
  arguments: [{ name: 'URL', takes: 'maybe', names: [['url']] }],
  flags: {},
  async run({ remote, output, settings, signal }, [url]) {
    const { client } = await remote.resolve(url ?? '.', signal)
    const ms = await client.ping({ signal })
    if (settings.format === 'text') await output.answer(`${ms.toFixed(1)} ms`)
  },
})
