// One process of callers: asks for its key many times at once when it is told to.
import { monotonicMs, type OpenStampede, type StampedeNews, type StampedeOrder } from './stampede.ts'

const [name = '', directory = '', key = ''] = process.argv.slice(2)
const { open } = (await import(`../contenders/stampede/${name}.ts`)) as { readonly open: OpenStampede }
const contender = await open(directory)
await contender.getOrLoad(`warm ${process.pid}`, async () => 'warm')

function tell(news: StampedeNews): void {
  process.send?.(news)
}

process.on('message', (order: StampedeOrder) => void call(order))
tell({ kind: 'ready' })

async function call({ callers, loadMs }: StampedeOrder): Promise<void> {
  const load = async (): Promise<string> => {
    tell({ kind: 'loading', atMs: monotonicMs() })
    await new Promise((resolve) => setTimeout(resolve, loadMs))
    return 'value'
  }
  const calls = Array.from({ length: callers }, () => contender.getOrLoad(key, load))
  const values = await Promise.all(calls)
  tell({ kind: 'done', right: values.filter((value) => value === 'value').length })
}
