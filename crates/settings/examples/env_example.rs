//! Prints the text of `.env.example`.

fn main() {
    print!("{}", settings::env_example());
}
