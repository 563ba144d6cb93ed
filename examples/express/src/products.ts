/** A product as the shop's database has it. */
export interface Product {
  readonly name: string
  readonly price: number
  readonly changed: Date
}

/** The source of truth: a table, as far as the example needs one. */
export class ProductTable {
  readonly #rows = new Map<string, Product>([['pen', { name: 'Pen', price: 2, changed: new Date(0) }]])
  /** How often it was asked. */
  reads = 0

  async find(id: string): Promise<Product | undefined> {
    this.reads++
    return this.#rows.get(id)
  }

  async setPrice(id: string, price: number): Promise<boolean> {
    const row = this.#rows.get(id)
    if (row === undefined) return false
    this.#rows.set(id, { ...row, price, changed: new Date() })
    return true
  }
}
