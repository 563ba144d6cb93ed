import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import { brokerPaths } from '../broker/broker-paths.ts'
import { parsed } from '../server/parsed.ts'
import type { SimulatedBroker } from './simulated-broker.ts'

/** Where the trading app takes people back; the only address that it is registered with. */
const callbackPath = '/broker/callback'

const requestSchema = z.object({
  state: z.string().min(1).max(200),
  redirect_uri: z.literal(callbackPath, { error: 'Not the address that this app is registered with.' }),
})
const consentSchema = requestSchema.extend({
  client_id: z.string().regex(/^[A-Z0-9]{4,12}$/, 'Use 4 to 12 capital letters and digits.'),
  answer: z.enum(['allow', 'deny']),
})

/** The broker's own sign-in, as on another site: it knows nothing of the app's users. */
export function simulatedBrokerRoutes(server: FastifyInstance, broker: SimulatedBroker): void {
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 4096 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
  server.get(brokerPaths.login, async (request, reply) => {
    const { state } = parsed(requestSchema, request.query)
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page(state))
  })
  server.post(brokerPaths.authorize, async (request, reply) => {
    const consent = parsed(consentSchema, request.body)
    if (consent.answer === 'deny') return reply.redirect('/connections?fault=denied', 303)
    const code = broker.authorize(consent.client_id)
    const query = new URLSearchParams({ code, state: consent.state }).toString()
    return reply.redirect(`${consent.redirect_uri}?${query}`, 303)
  })
}

function page(state: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Simulated Broker</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/simulated-broker.css">
</head>
<body>
<main>
<p class="mark" aria-hidden="true">SB</p>
<h1>Simulated Broker</h1>
<p>The trading app asks to see your account and to place orders in it. No real money is involved: prices and fills are invented.</p>
<form method="post" action="${brokerPaths.authorize}">
<input type="hidden" name="state" value="${escaped(state)}">
<input type="hidden" name="redirect_uri" value="${callbackPath}">
<label for="client">Client id</label>
<input id="client" name="client_id" value="SIM001" required pattern="[A-Z0-9]{4,12}" autocomplete="off" autofocus>
<p class="hint">Any id opens an account with ₹10,00,000.</p>
<div class="row">
<button name="answer" value="allow" class="main">Allow</button>
<button name="answer" value="deny" formnovalidate>Deny</button>
</div>
</form>
</main>
</body>
</html>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
