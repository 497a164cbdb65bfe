-- +goose Up

-- An agent whose leg was lost is rung again.
alter table call drop constraint call_phase_check;
alter table call add constraint call_phase_check check (phase in (
    'greeting', 'menu', 'waiting', 'offering', 'ringing', 'talking', 'recalling', 'surveying',
    'voicemail', 'recording', 'filing', 'closing', 'ended'));
