// Runs in a page.

/** Texts whose contrast with what is behind them is below 4.5 : 1, or 3 : 1 for large ones (WCAG 2.2, 1.4.3). */
globalThis.faintTexts = () => {
  const faint = new Set()
  for (const element of document.querySelectorAll('body *')) {
    if (!showsText(element)) continue
    const { color, fontSize, fontWeight } = getComputedStyle(element)
    const behind = groundOf(element)
    const ratio = contrast(over(pixelOf(color), behind), behind)
    const size = Number.parseFloat(fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700)
    if (ratio < (isLarge ? 3 : 4.5)) faint.add(`${element.textContent.slice(0, 30)}: ${ratio.toFixed(2)}`)
  }
  return [...faint]
}

function showsText(element) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
  const { width, height } = element.getBoundingClientRect()
  const exempt = 'button:disabled, select:disabled, .hidden, noscript, option, .skip'
  return own && width > 2 && height > 2 && element.closest(exempt) === null
}

function groundOf(element) {
  const pixel = pixelOf(getComputedStyle(element).backgroundColor)
  const below = element.parentElement === null ? [255, 255, 255] : undefined
  return over(pixel, below ?? groundOf(element.parentElement))
}

function over([red, green, blue, alpha], below) {
  return [red, green, blue].map((part, at) => (part * alpha + below[at] * (255 - alpha)) / 255)
}

function contrast(one, other) {
  const [low, high] = [lightnessOf(one), lightnessOf(other)].sort((left, right) => left - right)
  return (high + 0.05) / (low + 0.05)
}

function lightnessOf(rgb) {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Any colour of CSS as the browser paints it. */
function pixelOf(color) {
  const context = canvas.getContext('2d', { willReadFrequently: true })
  context.clearRect(0, 0, 1, 1)
  context.fillStyle = color
  context.fillRect(0, 0, 1, 1)
  return [...context.getImageData(0, 0, 1, 1).data]
}

const canvas = document.createElement('canvas')
