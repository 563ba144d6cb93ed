const format = new Intl.NumberFormat('en-IN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** `₹1,23,456.00` */
export function rupees(amount: number): string {
  return `₹${format.format(amount)}`
}
