// Which microphone. Device ids change with the browser's storage and from port to port, so the label is what is kept;
// nothing about a person is stored.

const micKey = 'hotline.microphone'

export function storedMicrophone(): string | null {
  return localStorage.getItem(micKey)
}

export function storeMicrophone(label: string | null): void {
  if (label === null) localStorage.removeItem(micKey)
  else localStorage.setItem(micKey, label)
}

export interface AudioDevice {
  deviceId: string
  label: string
  kind: string
}

/** The input with the stored label, or null to let the browser choose. */
export function pickMicrophone(devices: readonly AudioDevice[], label: string | null): string | null {
  if (label === null) return null
  return devices.find((d) => d.kind === 'audioinput' && d.label === label)?.deviceId ?? null
}

/** Whether the stored microphone is not plugged in now (labels are only known once permission was given). */
export function isMissing(devices: readonly AudioDevice[], label: string | null): boolean {
  const inputs = devices.filter((d) => d.kind === 'audioinput' && d.label !== '')
  return label !== null && inputs.length > 0 && !inputs.some((d) => d.label === label)
}

/** Opens the chosen microphone. Throws the browser's own error (NotAllowedError, NotFoundError, …). */
export async function openMicrophone(): Promise<MediaStream> {
  // Browsers take the microphone away from pages that are reached by plain http on another machine.
  if (!navigator.mediaDevices) throw new DOMException('insecure context', 'SecurityError')
  const label = storedMicrophone()
  const deviceId = label === null ? null : pickMicrophone(await navigator.mediaDevices.enumerateDevices(), label)
  return navigator.mediaDevices.getUserMedia({
    audio: { ...(deviceId ? { deviceId: { exact: deviceId } } : {}), echoCancellation: true, noiseSuppression: true },
    video: false,
  })
}

export async function microphones(): Promise<AudioDevice[]> {
  if (!navigator.mediaDevices) return []
  const all = await navigator.mediaDevices.enumerateDevices()
  return all.filter((d) => d.kind === 'audioinput')
}
