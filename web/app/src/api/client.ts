import type { Problem } from './schema'

const base = '/api/v1'

/** What the server refused, in its own words: the title comes in the language that was asked for. */
export class Refusal extends Error {
  readonly problem: Problem
  /** Seconds from Retry-After, when the server sent it. */
  readonly retryAfter: number | null

  constructor(problem: Problem, retryAfter: number | null) {
    super(problem.title)
    this.problem = problem
    this.retryAfter = retryAfter
  }

  /** Last part of the problem's type, e.g. `stale-version`. */
  get slug(): string {
    return this.problem.type.split('/').pop() ?? ''
  }

  get status(): number {
    return this.problem.status
  }
}

/** No answer came: the request may or may not have been carried out. */
export class NoAnswer extends Error {}

let language = () => 'zh-CN'
let whenSignedOut = () => {}

/** Tells the client which language to ask for and what to do when a session has ended. */
export function configure(options: { language: () => string; signedOut: () => void }): void {
  language = options.language
  whenSignedOut = options.signedOut
}

export interface Options {
  headers?: Record<string, string>
  /** Milliseconds until the request is given up as NoAnswer. */
  timeout?: number
  /** Let the request outlive the page (a last save while the page is being left). */
  keepalive?: boolean
}

/**
 * Sends one request and reads one JSON answer. Throws Refusal for a problem document and NoAnswer when the
 * server could not be reached in time. A 401 on anything but the session itself means the session is over.
 */
export async function send<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { 'Accept-Language': language(), ...options.headers }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(base + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
      keepalive: options.keepalive ?? false,
      signal: AbortSignal.timeout(options.timeout ?? 10_000),
    })
  } catch (cause) {
    throw new NoAnswer(`${method} ${path.split('?')[0]}`, { cause })
  }
  if (response.ok) {
    if (response.status === 204 || response.status === 202) return undefined as T
    return (await response.json()) as T
  }
  const problem = await readProblem(response)
  if (response.status === 401 && path !== '/session' && path !== '/me') whenSignedOut()
  throw new Refusal(problem, seconds(response.headers.get('Retry-After')))
}

async function readProblem(response: Response): Promise<Problem> {
  if (response.headers.get('Content-Type')?.includes('json')) {
    const body = (await response.json().catch(() => null)) as Partial<Problem> | null
    if (body && typeof body.title === 'string') {
      return { ...body, type: body.type ?? '', title: body.title, status: response.status }
    }
  }
  // A proxy in between answers without a problem document.
  return { type: '', title: `HTTP ${response.status}`, status: response.status }
}

function seconds(value: string | null): number | null {
  const n = Number(value)
  return value !== null && Number.isFinite(n) ? n : null
}
