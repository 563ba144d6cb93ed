import type { SymbolColumns } from '../store/columns.ts'
import { HeadEndings } from './head-endings.ts'
import { Postings } from './postings.ts'
import { RowCharacters } from './row-characters.ts'

/** What searches need beside the columns: made when the first search comes, some 24 bytes a row. */
export class SearchStore {
  readonly columns: SymbolColumns
  readonly bySymbolTail: Postings
  /** Only rows whose broker's symbol has another tail than their symbol. */
  readonly byBrokerTail: Postings
  readonly byTokenHead: Postings
  readonly byTokenTail: Postings
  readonly rowCharacters: RowCharacters
  readonly headEndings: HeadEndings
  readonly tokenHeadEndings: HeadEndings

  constructor(columns: SymbolColumns) {
    const { rowSymbolTail, rowBrokerTail, rowTokenHead, rowTokenTail } = columns.sections
    this.columns = columns
    this.bySymbolTail = new Postings(rowSymbolTail, columns.tails.size)
    this.byBrokerTail = new Postings(rowBrokerTail, columns.tails.size, rowSymbolTail)
    this.byTokenHead = new Postings(rowTokenHead, columns.tokenHeads.size)
    this.rowCharacters = new RowCharacters(columns)
    this.headEndings = new HeadEndings(columns.heads)
    this.tokenHeadEndings = new HeadEndings(columns.tokenHeads)
    this.byTokenTail = new Postings(rowTokenTail, columns.tokenTails.size)
  }
}
