/** The app's mark and name. */
export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="7" className="brand-ground" />
        <path d="M6 21l6-7 5 4 9-10" className="brand-line" />
      </svg>
      <span>Trading</span>
    </span>
  )
}
